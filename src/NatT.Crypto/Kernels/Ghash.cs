using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>GHASH (NIST SP 800-38D §6.4): a polynomial over GF(2¹²⁸) whose coefficients are blocks, at a secret point, H.</summary>
/// <remarks>
/// GCM's first bit is the coefficient of x⁰. A block whose octets are reversed is a number whose bit 127 is that coefficient, and
/// the carry-less product of two such numbers is one bit short of their product's. So powers of H are kept divided by x, which
/// is that shift. The modulus is taken off products from their low end, 64 bits at a time (S. Gueron and M. Kounavis, "Intel
/// Carry-Less Multiplication Instruction and its Usage for Computing the GCM Mode", 2010): once for a sum of many products,
/// for the sum is reduced like one of them. Nothing here looks anything up or decides anything by a secret.
/// </remarks>
internal static unsafe class Ghash
{
    public const int BlockSize = 16;
    public const int BlockWords = BlockSize / sizeof(ulong);

    /// <summary>Powers that are kept: for eight blocks and one of lengths.</summary>
    public const int Powers = 9;

    /// <summary>x⁻¹ modulo x¹²⁸ + x⁷ + x² + x + 1, octets reversed: x¹²⁷ + x⁶ + x + 1.</summary>
    private const ulong InverseHigh = 0xC200_0000_0000_0000;
    private const ulong InverseLow = 1;

    /// <summary>The octets of a block, last first.</summary>
    public static Vector128<byte> Reversed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    }

    /// <summary>The powers of H, from the highest to the first, ready to multiply by.</summary>
    // SAFETY: powers has room for all of them.
    public static void Expand(Vector128<byte> h, ulong* powers)
    {
        var all = (Vector128<ulong>*)powers;
        Vector128<ulong> first = DivideByX(Reverse(h));
        all[Powers - 1] = first;
        for (int i = Powers - 2; i >= 0; i--)
        {
            all[i] = DivideByX(Multiply(Reverse(h), all[i + 1]));
        }
    }

    /// <summary>A block as a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Reverse(Vector128<byte> block) =>
        Ssse3.Shuffle(block, Reversed).AsUInt64();

    /// <summary>The product of a number and one of the powers of H.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Multiply(Vector128<ulong> number, Vector128<ulong> power) => Reduce(
        Pclmulqdq.CarrylessMultiply(number, power, 0x00),
        Pclmulqdq.CarrylessMultiply(number, power, 0x01) ^ Pclmulqdq.CarrylessMultiply(number, power, 0x10),
        Pclmulqdq.CarrylessMultiply(number, power, 0x11));

    /// <summary>A product, or the sum of many, modulo GHASH's polynomial.</summary>
    /// <param name="low">Products of low halves.</param>
    /// <param name="middle">Products of a low and a high half.</param>
    /// <param name="high">Products of high halves.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ulong> Reduce(Vector128<ulong> low, Vector128<ulong> middle, Vector128<ulong> high)
    {
        Vector128<ulong> modulus = Vector128.CreateScalar(InverseHigh);
        low ^= Sse2.ShiftLeftLogical128BitLane(middle, sizeof(ulong));
        high ^= Sse2.ShiftRightLogical128BitLane(middle, sizeof(ulong));
        low = SwapHalves(low) ^ Pclmulqdq.CarrylessMultiply(low, modulus, 0x00);
        low = SwapHalves(low) ^ Pclmulqdq.CarrylessMultiply(low, modulus, 0x00);
        return low ^ high;
    }

    /// <summary>A shift to the left by one bit; the bit that falls out is x⁻¹'s multiple.</summary>
    private static Vector128<ulong> DivideByX(Vector128<ulong> number)
    {
        ulong low = number[0];
        ulong high = number[1];
        ulong isOut = 0 - (high >> 63);
        return Vector128.Create((low << 1) ^ (isOut & InverseLow), ((high << 1) | (low >> 63)) ^ (isOut & InverseHigh));
    }

    private static Vector128<ulong> SwapHalves(Vector128<ulong> number) => Sse2.Shuffle(number.AsUInt32(), 0b01_00_11_10).AsUInt64();
}
