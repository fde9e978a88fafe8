namespace NatT.Tunnel.Peers;

/// <summary>
/// Notices that a flow from the peer broke off. A NAT may have given us another mapping; the peer learns of it only from
/// what we send, which an application that waits for data does not.
/// </summary>
/// <remarks>The inbound thread counts packets; the rest is not thread-safe.</remarks>
public sealed class FlowWatch
{
    /// <summary>A silence that ends a flow.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Fewer are no flow. More than one, or the peer's probe would draw one of ours, and that the next of his.</summary>
    public const int FewestPackets = 3;

    private long _packets;
    private long _judged;
    private bool _hasBrokenOff;

    /// <summary>Whether packets came that no silence ended yet.</summary>
    public bool HasUnjudged => Volatile.Read(ref _packets) != _judged;

    /// <summary>What the last silence was found to have ended.</summary>
    public bool WasBrokenOff => _hasBrokenOff;

    /// <summary>Inbound thread.</summary>
    public void NotePacket() => Volatile.Write(ref _packets, _packets + 1);

    /// <summary>Judges the packets before a silence; whether the last ones were a flow. To be called more often than silences last.</summary>
    public bool HasBrokenOff(TimeSpan silence)
    {
        if (silence < Patience)
        {
            return false;
        }

        long packets = Volatile.Read(ref _packets);
        if (packets != _judged)
        {
            _hasBrokenOff = packets - _judged >= FewestPackets;
            _judged = packets;
        }

        return _hasBrokenOff;
    }

    /// <summary>The peer answered: the path holds in both directions.</summary>
    public void NoteAnswer() => _hasBrokenOff = false;
}
