using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels.Arm64;

/// <summary>
/// Instructions of Armv8's cryptographic extension, each as the architecture manual defines it: the CPU's own, or a model of
/// them on which tests run the kernels where there is no such CPU.
/// </summary>
internal interface IArmCrypto
{
    /// <summary>AESE: AddRoundKey, then SubBytes and ShiftRows.</summary>
    static abstract Vector128<byte> Aese(Vector128<byte> state, Vector128<byte> roundKey);

    /// <summary>AESMC: MixColumns.</summary>
    static abstract Vector128<byte> Aesmc(Vector128<byte> state);

    /// <summary>AESD: AddRoundKey, then InvSubBytes and InvShiftRows.</summary>
    static abstract Vector128<byte> Aesd(Vector128<byte> state, Vector128<byte> roundKey);

    /// <summary>AESIMC: InvMixColumns.</summary>
    static abstract Vector128<byte> Aesimc(Vector128<byte> state);

    /// <summary>SHA256H: four rounds; a to d as they are afterwards.</summary>
    static abstract Vector128<uint> Sha256H(Vector128<uint> abcd, Vector128<uint> efgh, Vector128<uint> wk);

    /// <summary>SHA256H2: the same four rounds; e to h as they are afterwards.</summary>
    static abstract Vector128<uint> Sha256H2(Vector128<uint> efgh, Vector128<uint> abcd, Vector128<uint> wk);

    /// <summary>SHA256SU0: the schedule's sum of four words and σ0 of those one further.</summary>
    static abstract Vector128<uint> Sha256Su0(Vector128<uint> w0, Vector128<uint> w4);

    /// <summary>SHA256SU1: adds to that what is still missing of the next four words.</summary>
    static abstract Vector128<uint> Sha256Su1(Vector128<uint> sum, Vector128<uint> w8, Vector128<uint> w12);
}
