using NatT.Tunnel.DataPath;

namespace NatT.Cli;

/// <summary>The port to the MTUs of this machine's interfaces and routes.</summary>
internal interface ILinkMtus
{
    /// <summary>The tunnel's device; octets.</summary>
    int DeviceMtu { get; }

    /// <exception cref="IOException">It cannot be set.</exception>
    void SetDeviceMtu(int mtu);

    /// <summary>What fits, through which interface where one is known; not known where there is no way to the peer.</summary>
    (InnerMtu Mtu, string? Interface, bool IsKnown) Measure(PeerPath path);
}
