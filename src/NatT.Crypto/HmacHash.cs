namespace NatT.Crypto;

/// <summary>A hash function as ESP uses it in HMAC (RFC 2404, RFC 4868).</summary>
public sealed class HmacHash
{
    /// <summary>Of all hashes, in octets.</summary>
    public const int LargestIcvSize = 32;

    public static readonly HmacHash Sha1 = new("sha1", 20, 12);

    /// <remarks>12 octets of ICV are what Linux's plain <c>auth sha256</c> truncates to.</remarks>
    public static readonly HmacHash Sha256 = new("sha256", 32, 16, 12);

    public static readonly HmacHash Sha384 = new("sha384", 48, 24);

    public static readonly HmacHash Sha512 = new("sha512", 64, 32);

    private HmacHash(string name, int size, params int[] icvSizes)
    {
        Name = name;
        Size = size;
        IcvSizes = icvSizes;
    }

    /// <summary>As the name of a suite ends.</summary>
    public string Name { get; }

    /// <summary>Octets of the hash, and of the key that RFC 2404 §3 and RFC 4868 §2.1.1 ask for.</summary>
    public int Size { get; }

    /// <summary>Lengths that ESP truncates it to, in octets, the RFCs' own first.</summary>
    public IReadOnlyList<int> IcvSizes { get; }
}
