namespace NatT.Crypto.Kernels;

/// <summary>What is computed once from an SA's two keys. It lies in pinned memory that its <see cref="KernelCipherKey{TKeys}"/> wipes.</summary>
internal unsafe struct ExpandedKeys
{
    /// <summary>AES round keys for encryption, first round first.</summary>
    public fixed byte Encryption[AesKeySchedule.LargestSize];

    /// <summary>AES round keys for the equivalent inverse cipher, in the order it uses them.</summary>
    public fixed byte Decryption[AesKeySchedule.LargestSize];

    /// <summary>SHA-256's state after HMAC's inner padded key.</summary>
    public fixed uint Inner[Sha256Constants.StateWords];

    /// <summary>SHA-256's state after HMAC's outer padded key.</summary>
    public fixed uint Outer[Sha256Constants.StateWords];

    /// <summary>AES rounds: 10, 12 or 14.</summary>
    public int Rounds;

    /// <summary>Octets of ICV.</summary>
    public int IcvSize;
}
