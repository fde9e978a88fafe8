using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>The end of GHASH: up to eight blocks, and one with the lengths, reduced together.</summary>
internal unsafe ref struct GhashTail
{
    private Vector128<ulong> _low;
    private Vector128<ulong> _middle;
    private Vector128<ulong> _high;
    private Vector128<ulong> _sum;
    private Vector128<ulong>* _power;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GhashTail(AesGcmKeys* keys, Vector128<ulong> hash, int octets)
    {
        int blocks = (octets + Ghash.BlockSize - 1) / Ghash.BlockSize;
        _power = (Vector128<ulong>*)keys->Powers + (Ghash.Powers - 1 - blocks);
        _sum = hash;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(Vector128<byte> block) => Add(Ghash.Reverse(block));

    /// <summary>The sum, with the lengths as its last block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<byte> End(GcmPacket* packet)
    {
        // Of text, then of associated data, in bits: reversed like any block.
        Add(Vector128.Create((ulong)packet->Length * 8, (ulong)packet->AssociatedLength * 8));
        return Ghash.Reverse(Ghash.Reduce(_low, _middle, _high).AsByte()).AsByte();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(Vector128<ulong> number)
    {
        Vector128<ulong> power = *_power++;
        number ^= _sum;
        _sum = default;
        _low ^= Pclmulqdq.CarrylessMultiply(number, power, 0x00);
        _middle ^= Pclmulqdq.CarrylessMultiply(number, power, 0x01) ^ Pclmulqdq.CarrylessMultiply(number, power, 0x10);
        _high ^= Pclmulqdq.CarrylessMultiply(number, power, 0x11);
    }
}
