using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AesInstructions = System.Runtime.Intrinsics.Arm.Aes;
using Sha256Instructions = System.Runtime.Intrinsics.Arm.Sha256;

namespace NatT.Crypto.Kernels.Arm64;

/// <summary>The CPU's own instructions.</summary>
internal readonly struct ArmCrypto : IArmCrypto
{
    public static bool IsSupported => AesInstructions.IsSupported && Sha256Instructions.IsSupported;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Aese(Vector128<byte> state, Vector128<byte> roundKey) => AesInstructions.Encrypt(state, roundKey);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Aesmc(Vector128<byte> state) => AesInstructions.MixColumns(state);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Aesd(Vector128<byte> state, Vector128<byte> roundKey) => AesInstructions.Decrypt(state, roundKey);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Aesimc(Vector128<byte> state) => AesInstructions.InverseMixColumns(state);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Sha256H(Vector128<uint> abcd, Vector128<uint> efgh, Vector128<uint> wk) =>
        Sha256Instructions.HashUpdate1(abcd, efgh, wk);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Sha256H2(Vector128<uint> efgh, Vector128<uint> abcd, Vector128<uint> wk) =>
        Sha256Instructions.HashUpdate2(efgh, abcd, wk);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Sha256Su0(Vector128<uint> w0, Vector128<uint> w4) => Sha256Instructions.ScheduleUpdate0(w0, w4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Sha256Su1(Vector128<uint> sum, Vector128<uint> w8, Vector128<uint> w12) =>
        Sha256Instructions.ScheduleUpdate1(sum, w8, w12);
}
