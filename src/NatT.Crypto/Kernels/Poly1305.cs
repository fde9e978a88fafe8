using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>Poly1305 (RFC 8439 §2.5) in words of 64 bits: h ← (h + block) · r mod 2¹³⁰ − 5, block after block.</summary>
/// <remarks>
/// h = h0 + 2⁶⁴·h1 + 2¹²⁸·h2 is kept below 2 · (2¹³⁰ − 5), not fully reduced. r is clamped, so that r1 is a multiple of 4 and
/// 2¹²⁸·r1 = 2¹³⁰·r1/4 ≡ 5·r1/4, which is a whole number.
/// </remarks>
internal unsafe struct Poly1305
{
    public const int BlockSize = 16;

    /// <summary>2¹²⁸, which a whole block has in front of it, in units of h2.</summary>
    private const ulong WholeBlock = 1;

    public ulong R0;
    public ulong R1;

    private ulong _s0;
    private ulong _s1;

    // Between blocks h2 is 4 at most.
    public ulong H0;
    public ulong H1;
    public ulong H2;

    /// <summary>Starts a message.</summary>
    /// <remarks>No constructor: this value lies in memory that is wiped, and must not be put together anywhere else.</remarks>
    /// <param name="oneTimeKey">r, to be clamped, then s.</param>
    public void Start(byte* oneTimeKey)
    {
        var words = (ulong*)oneTimeKey;
        R0 = words[0] & 0x0FFFFFFC0FFFFFFF;
        R1 = words[1] & 0x0FFFFFFC0FFFFFFC;
        _s0 = words[2];
        _s1 = words[3];
        H0 = H1 = H2 = 0;
    }

    /// <summary>Takes in whole blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Absorb(byte* blocks, int count)
    {
        ulong h0 = H0, h1 = H1, h2 = H2;
        var words = (ulong*)blocks;
        for (; count > 0; count--, words += 2)
        {
            h0 = Add(h0, words[0], 0, out ulong carry);
            h1 = Add(h1, words[1], carry, out carry);
            h2 += carry + WholeBlock;
            Multiply(ref h0, ref h1, ref h2, R0, R1);
        }

        (H0, H1, H2) = (h0, h1, h2);
    }

    /// <summary>Takes h from limbs in radix 2²⁶, which may be some bits longer than that.</summary>
    public void Set(ulong l0, ulong l1, ulong l2, ulong l3, ulong l4)
    {
        H0 = Add(l0 + (l1 << 26), l2 << 52, 0, out ulong carry);
        H1 = Add((l2 >> 12) + (l3 << 14), l4 << 40, carry, out carry);
        H2 = (l4 >> 24) + carry;
        Reduce(ref H0, ref H1, ref H2);
    }

    /// <summary>(h mod 2¹³⁰ − 5) + s mod 2¹²⁸.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public readonly void WriteIcv(byte* icv)
    {
        // h is below twice the modulus: it is taken off where h + 5 reaches 2¹³⁰, chosen without a branch.
        ulong g0 = Add(H0, 5, 0, out ulong carry);
        ulong g1 = Add(H1, 0, carry, out carry);
        ulong isLarger = 0 - ((H2 + carry) >> 2);
        ulong h0 = H0 ^ ((H0 ^ g0) & isLarger);
        ulong h1 = H1 ^ ((H1 ^ g1) & isLarger);
        ((ulong*)icv)[0] = Add(h0, _s0, 0, out ulong last);
        ((ulong*)icv)[1] = Add(h1, _s1, last, out _);
    }

    /// <summary>h ← h · r.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(ref ulong h0, ref ulong h1, ref ulong h2, ulong r0, ulong r1)
    {
        ulong s1 = r1 + (r1 >> 2);

        // h0·r0 + 2¹²⁸·h1·r1, then 2⁶⁴·(h0·r1 + h1·r0 + 2¹²⁸·h2·r1), then 2¹²⁸·h2·r0. h2 is so small that its products fit a word.
        UInt128 d0 = Product(h0, r0) + Product(h1, s1);
        UInt128 d1 = Product(h0, r1) + Product(h1, r0) + (h2 * s1);
        d1 += (ulong)(d0 >> 64);
        ulong d2 = (h2 * r0) + (ulong)(d1 >> 64);

        (h0, h1, h2) = ((ulong)d0, (ulong)d1, d2);
        Reduce(ref h0, ref h1, ref h2);
    }

    /// <summary>2¹³⁰ ≡ 5: what stands above it is 4 · n in units of h2, and comes back as 5 · n = 4 · n + n.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce(ref ulong h0, ref ulong h1, ref ulong h2)
    {
        h0 = Add(h0, (h2 & ~3UL) + (h2 >> 2), 0, out ulong carry);
        h1 = Add(h1, 0, carry, out carry);
        h2 = (h2 & 3) + carry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 Product(ulong x, ulong y)
    {
        // Math.BigMul passes the low half through memory, which costs more than a second multiplication.
        return Bmi2.X64.IsSupported ? new UInt128(Bmi2.X64.MultiplyNoFlags(x, y), x * y) : Math.BigMul(x, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Add(ulong x, ulong y, ulong carryIn, out ulong carry)
    {
        ulong sum = x + y;
        ulong whole = sum + carryIn;
        carry = (sum < x ? 1UL : 0) + (whole < sum ? 1UL : 0);
        return whole;
    }
}
