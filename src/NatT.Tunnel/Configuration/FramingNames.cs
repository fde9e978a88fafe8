using NatT.Esp.Wire;

namespace NatT.Tunnel.Configuration;

/// <summary>What confs, and <c>ip xfrm</c> with them, call a framing.</summary>
public static class FramingNames
{
    public const string Rfc3948 = "espinudp";
    public const string NonIke = "espinudp-nonike";

    public static string Of(UdpFraming framing) => framing == UdpFraming.NonIke ? NonIke : Rfc3948;

    /// <summary>The framing of that name, or null.</summary>
    public static UdpFraming? Find(string? name) => name switch
    {
        Rfc3948 => UdpFraming.Rfc3948,
        NonIke => UdpFraming.NonIke,
        _ => null,
    };
}
