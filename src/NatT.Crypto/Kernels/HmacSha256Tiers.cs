using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>HMAC-SHA-256 on the vectors of each tier.</summary>
internal readonly unsafe struct HmacSha256Tiers(KernelTier tier) : IHmacSha256
{
    /// <summary>At or below this many packets AVX-512 does better with half as wide vectors.</summary>
    private const int FewPackets = 8;

    public void ComputeIcvs(KernelPacket* packets, int count, ref ScratchMemory scratch)
    {
        switch (tier)
        {
            case KernelTier.Avx512 when count > FewPackets:
                HmacSha256<Vector512<uint>, Sha256Avx512>.ComputeIcvs(packets, count, ref scratch);
                break;
            case KernelTier.Avx512:
                HmacSha256<Vector256<uint>, Sha256Avx512Vl>.ComputeIcvs(packets, count, ref scratch);
                break;
            case KernelTier.Avx2:
                HmacSha256<Vector256<uint>, Sha256Avx2>.ComputeIcvs(packets, count, ref scratch);
                break;
            default:
                HmacSha256<Vector128<uint>, Sha256Ssse3>.ComputeIcvs(packets, count, ref scratch);
                break;
        }
    }

    public void Absorb(uint* state, byte* message, int blocks, ref ScratchMemory scratch)
    {
        switch (tier)
        {
            case KernelTier.Avx512:
                HmacSha256<Vector256<uint>, Sha256Avx512Vl>.Absorb(state, message, blocks, ref scratch);
                break;
            case KernelTier.Avx2:
                HmacSha256<Vector256<uint>, Sha256Avx2>.Absorb(state, message, blocks, ref scratch);
                break;
            default:
                HmacSha256<Vector128<uint>, Sha256Ssse3>.Absorb(state, message, blocks, ref scratch);
                break;
        }
    }
}
