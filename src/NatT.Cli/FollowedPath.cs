using NatT.Esp.Wire;

namespace NatT.Cli;

/// <summary>What was last measured for a peer, and where it was then.</summary>
internal struct FollowedPath
{
    public IpAddress? Address;
    public UdpFraming Framing;

    /// <summary>Whether there ever was a way to the peer.</summary>
    public bool WasMeasured;

    /// <summary>Octets that fit whatever framing and IP version the peer may turn out to use.</summary>
    public int Reserved;

    /// <summary>Octets that fit as it is sent to now.</summary>
    public int Exact;

    public string? Interface;

    /// <summary>What its monitor was told.</summary>
    public int Told;
}
