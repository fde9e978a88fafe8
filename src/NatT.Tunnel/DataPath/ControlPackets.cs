using System.Collections.Concurrent;

namespace NatT.Tunnel.DataPath;

/// <summary>
/// Hands what other threads want to send to the outbound thread, which alone owns the outbound SAs. Bounded: what does not
/// fit is not sent, and whoever asked will ask again.
/// </summary>
/// <param name="wake">Makes the outbound thread look.</param>
public sealed class ControlPackets(Action wake)
{
    private const int Capacity = 256;

    private readonly ConcurrentQueue<ControlPacket> _packets = new();

    /// <summary>Whether there is no room just now.</summary>
    public bool IsFull => _packets.Count >= Capacity;

    public bool IsEmpty => _packets.IsEmpty;

    public void Enqueue(ControlPacket packet)
    {
        if (IsFull)
        {
            return;
        }

        _packets.Enqueue(packet);
        wake();
    }

    public bool TryDequeue(out ControlPacket packet)
    {
        bool taken = _packets.TryDequeue(out ControlPacket? next);
        packet = next!;
        return taken;
    }
}
