namespace NatT.Crypto.Kernels;

/// <summary>What is computed once from an SA's key and salt. It lies in pinned memory that its <see cref="KernelCipherKey{TKeys}"/> wipes.</summary>
internal unsafe struct AesGcmKeys
{
    /// <summary>AES round keys, first round first.</summary>
    public fixed byte RoundKeys[AesKeySchedule.LargestSize];

    /// <summary>Powers of GHASH's key, the highest first, as <see cref="Ghash"/> multiplies by them.</summary>
    public fixed ulong Powers[Ghash.Powers * Ghash.BlockWords];

    /// <summary>AES rounds: 10, 12 or 14.</summary>
    public int Rounds;

    /// <summary>As it lies in the nonce.</summary>
    public uint Salt;
}
