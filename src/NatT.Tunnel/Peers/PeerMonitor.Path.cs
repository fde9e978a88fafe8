using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <content>What the path carries.</content>
public sealed partial class PeerMonitor
{
    private readonly PathMtu _path;

    // Apart from the others: whether it is answered tells nothing of whether the peer lives.
    private readonly ProbeLedger _sizeProbes = new();
    private bool _wasLongSent;
    private bool _wasRefused;

    /// <summary>Only one who is there and answers can fail to answer because of the size.</summary>
    private bool MayAnswerSize => _isUp && _hasAnswered && _options.CanProbe && _options.DpdInterval > TimeSpan.Zero;

    /// <summary>Any thread: the local interface lets inner packets of so many octets pass; whether the path does is asked from now on.</summary>
    public void AssumeMtu(int octets)
    {
        lock (_gate)
        {
            _path.Assume(octets);
            Volatile.Write(ref _route, CurrentRoute());
        }

        AskForAttention();
    }

    /// <summary>Outbound thread: a packet longer than <see cref="PathMtu.Usual"/> is to be sent, which would be lost if the path had got narrower.</summary>
    public void NoteLong()
    {
        if (!Volatile.Read(ref _wasLongSent))
        {
            Volatile.Write(ref _wasLongSent, true);
            AskForAttention();
        }
    }

    /// <summary>Outbound thread: the kernel refused a datagram; the interface's MTU may be another by now.</summary>
    public void NoteSendRefused()
    {
        if (!Volatile.Read(ref _wasRefused))
        {
            Volatile.Write(ref _wasRefused, true);
            AskForAttention();
        }
    }

    private Probe? TrySizeProbe(TimeSpan now, UInt128 bits, long windowVersion, int pairNumber)
    {
        if (!MayAnswerSize || _endpoint.Current is not OuterEndpoint target)
        {
            return null;
        }

        if (Volatile.Read(ref _wasRefused) && _path.TryCheckAgain(now, PathMtu.RefusalPeriod))
        {
            Volatile.Write(ref _wasRefused, false);
        }

        if (Volatile.Read(ref _wasLongSent) && _path.TryCheckAgain(now, PathMtu.TrafficPeriod))
        {
            Volatile.Write(ref _wasLongSent, false);
        }

        int before = _path.Limit;
        int size = _path.NextProbe(now, _probes.LastAnswer);
        NoteLimit(before);
        if (_path.TryTakeWishForWitness())
        {
            AskForProbe();
        }

        if (size == 0)
        {
            return null;
        }

        var probe = new Probe(bits, now, target, _framing.Current, windowVersion, pairNumber, size);
        _sizeProbes.Add(probe);
        return probe;
    }

    /// <summary>Mirrors <see cref="TrySizeProbe"/>.</summary>
    private TimeSpan SizeProbeDue(TimeSpan now)
    {
        if (!MayAnswerSize || _endpoint.Current is null)
        {
            return Never;
        }

        TimeSpan due = _path.DueAt(now);
        due = Volatile.Read(ref _wasRefused) ? Earlier(due, _path.CheckAgainAt(PathMtu.RefusalPeriod)) : due;
        return Volatile.Read(ref _wasLongSent) ? Earlier(due, _path.CheckAgainAt(PathMtu.TrafficPeriod)) : due;
    }

    private void NoteSize(int size, TimeSpan now)
    {
        if (size > 0)
        {
            int before = _path.Limit;
            _path.NoteAnswer(size, now);
            NoteLimit(before);
        }
    }

    private void NoteLimit(int before)
    {
        if (_path.Limit != before)
        {
            Volatile.Write(ref _route, CurrentRoute());
            _events.Enqueue(new PeerEvent(PeerEventKind.PathMtuChanged, _endpoint.Current));
        }
    }
}
