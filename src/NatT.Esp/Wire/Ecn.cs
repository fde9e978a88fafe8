namespace NatT.Esp.Wire;

/// <summary>Congestion marks across a tunnel (RFC 6040). Arguments are whole traffic-class octets; ECN is the low two bits.</summary>
public static class Ecn
{
    public const byte Mask = 0x03;
    public const byte NotCapable = 0x00;
    public const byte Ect1 = 0x01;
    public const byte Ect0 = 0x02;
    public const byte CongestionExperienced = 0x03;

    /// <summary>The outer traffic class of a packet entering the tunnel: DSCP and ECN copied (RFC 6040 §4.1, normal mode).</summary>
    public static byte Encapsulate(byte inner) => inner;

    /// <summary>The inner traffic class of a packet leaving the tunnel; false where it must be dropped (RFC 6040 §4.2).</summary>
    public static bool TryDecapsulate(byte outer, byte inner, out byte result)
    {
        int outerEcn = outer & Mask;
        int innerEcn = inner & Mask;
        result = inner;
        if (innerEcn == NotCapable)
        {
            return outerEcn != CongestionExperienced;
        }

        bool outerSaysMore = outerEcn == CongestionExperienced || (outerEcn == Ect1 && innerEcn == Ect0);
        if (outerSaysMore)
        {
            result = (byte)((inner & ~Mask) | outerEcn);
        }

        return true;
    }
}
