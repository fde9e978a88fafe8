using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Segmentation;

namespace NatT.Tunnel.DataPath;

/// <summary>Tells senders that a packet was too long, as a router does, and no more often than <see cref="PerSecond"/>. One thread.</summary>
public sealed class PacketTooBigReplies(ITunDevice device)
{
    /// <summary>RFC 1812 §4.3.2.8 and RFC 4443 §2.4 (f) ask for a limit. A sender that missed one word draws another.</summary>
    public const int PerSecond = 100;

    private static readonly TimeSpan Refill = TimeSpan.FromSeconds(1) / PerSecond;

    private readonly byte[] _message = new byte[PacketTooBig.LargestSize];

    // When the next would be due if they went evenly; it may be so long ago as a full bucket lasts.
    private TimeSpan _nextAt = TimeSpan.MinValue;

    /// <summary>Answers <paramref name="packet"/>, unless a router keeps silent or said enough.</summary>
    /// <param name="packet">What is too long.</param>
    /// <param name="mtu">Octets of the longest that would pass.</param>
    /// <param name="now">Monotonic time.</param>
    public void Answer(in InnerPacket packet, int mtu, TimeSpan now)
    {
        TimeSpan full = now - TimeSpan.FromSeconds(1);
        TimeSpan due = _nextAt > full ? _nextAt : full;

        // In the name of the far end: a kernel discards what claims to come from one of its own addresses.
        IpAddress source = packet.Destination;
        if (due > now || Martian.IsSource(source) || !PacketTooBig.TryWrite(_message, packet, source, mtu, out int length))
        {
            return;
        }

        _nextAt = due + Refill;
        device.WriteOwn(_message.AsSpan(0, length));
    }
}
