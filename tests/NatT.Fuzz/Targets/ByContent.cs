namespace NatT.Fuzz.Targets;

/// <summary>Equal octets are equal.</summary>
internal sealed class ByContent : IEqualityComparer<byte[]>
{
    public static ByContent Instance { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj) => Convert.ToHexString(obj.AsSpan(0, Math.Min(obj.Length, 32))).GetHashCode(StringComparison.Ordinal);
}
