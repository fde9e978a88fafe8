using System.Runtime.Intrinsics.X86;
using NatT.Crypto.Kernels.Arm64;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace NatT.Crypto.Kernels;

/// <summary>Which tiers this CPU, under this runtime's settings, has.</summary>
public static class KernelTiers
{
    /// <summary>The fastest that <see cref="IsSupported"/> and <see cref="IsProven"/>.</summary>
    public static KernelTier Best { get; } = Enum.GetValues<KernelTier>().Last(tier => IsSupported(tier) && IsProven(tier));

    /// <summary>Whether tests of ours have run the tier's own instructions; one that they have not is never chosen.</summary>
    // Arm64's kernels have run on a model of their instructions only, for want of a machine. What runs on the CPU's own is what
    // ArmCrypto maps to them; once tests/run.sh Crypto has passed on such a machine, this exception goes.
    public static bool IsProven(KernelTier tier) => tier != KernelTier.Arm64;

    // Vector512.IsHardwareAccelerated is no question to ask: it is false where wide instructions slow the clock down.
    public static bool IsSupported(KernelTier tier) => tier switch
    {
        KernelTier.Portable => true,
        KernelTier.Arm64 => ArmCrypto.IsSupported,
        _ => HasVectors(tier) && AesInstructions.IsSupported,
    };

    /// <summary>The fastest whose vectors are there, for suites without AES.</summary>
    public static KernelTier BestVectors { get; } = Enum.GetValues<KernelTier>().Last(HasVectors);

    /// <summary>Whether a tier's vectors are there, be there AES instructions or not.</summary>
    public static bool HasVectors(KernelTier tier) => tier switch
    {
        KernelTier.Portable => true,
        KernelTier.Aes => Ssse3.IsSupported,
        KernelTier.Avx2 => HasVectors(KernelTier.Aes) && Avx2.IsSupported,
        KernelTier.Avx512 => HasVectors(KernelTier.Avx2) && Avx512F.IsSupported && Avx512F.VL.IsSupported && Avx512BW.IsSupported,
        _ => false,
    };

    /// <summary>As people call it.</summary>
    public static string Describe(KernelTier tier) => tier switch
    {
        KernelTier.Aes => "AES-NI kernels",
        KernelTier.Avx2 => "AVX2 kernels",
        KernelTier.Avx512 => "AVX-512 kernels",
        KernelTier.Arm64 => "Arm64 kernels",
        _ => "portable engine",
    };
}
