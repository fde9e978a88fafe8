namespace NatT.Crypto.Kernels;

/// <summary>Truth tables for AVX-512's ternary logic: bit xyz (in binary) of the constant is the function's value.</summary>
internal static class TernaryFunction
{
    /// <summary>x ⊕ y ⊕ z.</summary>
    public const byte Xor = 0x96;

    /// <summary>y where x is 1, else z.</summary>
    public const byte Choose = 0xCA;

    /// <summary>1 where at least two are.</summary>
    public const byte Majority = 0xE8;
}
