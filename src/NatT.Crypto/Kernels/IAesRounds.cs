using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>AES's rounds (FIPS 197) on a CPU's instructions, or on what stands in for them.</summary>
internal interface IAesRounds
{
    /// <summary>SubBytes, ShiftRows, MixColumns, AddRoundKey.</summary>
    static abstract Vector128<byte> Encrypt(Vector128<byte> state, Vector128<byte> roundKey);

    /// <summary>The same without MixColumns.</summary>
    static abstract Vector128<byte> EncryptLast(Vector128<byte> state, Vector128<byte> roundKey);

    /// <summary>InvSubBytes, InvShiftRows, InvMixColumns, AddRoundKey: the equivalent inverse cipher's round (§5.3.5).</summary>
    static abstract Vector128<byte> Decrypt(Vector128<byte> state, Vector128<byte> roundKey);

    /// <summary>The same without InvMixColumns.</summary>
    static abstract Vector128<byte> DecryptLast(Vector128<byte> state, Vector128<byte> roundKey);

    static abstract Vector128<byte> InverseMixColumns(Vector128<byte> roundKey);

    /// <summary>The S-box on each octet of a word, in constant time.</summary>
    static abstract uint SubWord(uint word);
}
