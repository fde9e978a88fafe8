namespace NatT.Tunnel.State;

/// <summary>Arithmetic on sequence numbers that stops at the last one instead of starting over.</summary>
internal static class Saturating
{
    public static ulong Add(ulong number, ulong count) => number > ulong.MaxValue - count ? ulong.MaxValue : number + count;
}
