namespace NatT.Crypto.Kernels;

/// <summary>What every block of an SA starts from, as ChaCha20's state has it after its constants. Its <see cref="KernelCipherKey{TKeys}"/> wipes it.</summary>
internal unsafe struct ChaChaKey
{
    /// <summary>The key, a block counter that is zero here, the salt.</summary>
    public const int Words = (ChaCha20.KeySize + sizeof(uint) + AeadSuite.SaltSize) / sizeof(uint);

    public fixed uint State[Words];
}
