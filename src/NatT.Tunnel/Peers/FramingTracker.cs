using NatT.Esp.Wire;

namespace NatT.Tunnel.Peers;

/// <summary>
/// Which framing a peer takes: the configured one, or the one that drew an answer. The framing lies outside the ICV, so
/// nothing but an answered probe pins it. Not thread-safe.
/// </summary>
/// <param name="configured">Null: find out.</param>
public sealed class FramingTracker(UdpFraming? configured)
{
    private readonly UdpFraming? _configured = configured;
    private UdpFraming? _pinned = configured;
    private uint _probes;

    public bool IsPinned => _pinned is not null;

    /// <summary>What traffic is framed in.</summary>
    public UdpFraming Current => _pinned ?? UdpFraming.Rfc3948;

    /// <summary>What the next probe is framed in: both in turn while none is pinned, or while the peer is lost and may have changed.</summary>
    public UdpFraming NextForProbe(bool isLost)
    {
        UdpFraming inTurn = _probes++ % 2 == 0 ? UdpFraming.Rfc3948 : UdpFraming.NonIke;
        return _configured ?? (_pinned is UdpFraming pinned && !isLost ? pinned : inTurn);
    }

    /// <summary>A probe in this framing was answered; true where that is news.</summary>
    public bool TryPin(UdpFraming framing)
    {
        if (_configured is not null || _pinned == framing)
        {
            return false;
        }

        _pinned = framing;
        return true;
    }
}
