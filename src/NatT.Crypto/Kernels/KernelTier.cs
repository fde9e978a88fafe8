namespace NatT.Crypto.Kernels;

/// <summary>Sets of instructions that kernels are written for, from the one any CPU runs to the fastest.</summary>
public enum KernelTier
{
    /// <summary>No kernels: Bouncy Castle.</summary>
    Portable,

    /// <summary>AES-NI, and SHA-256 of 4 packets at once.</summary>
    Aes,

    /// <summary>AES-NI, and SHA-256 of 8 packets at once.</summary>
    Avx2,

    /// <summary>AES-NI, and SHA-256 of 16 packets at once, or 8 where there are no more.</summary>
    Avx512,

    /// <summary>Armv8's AES instructions, and its SHA-256 instructions on one packet after the other.</summary>
    Arm64,
}
