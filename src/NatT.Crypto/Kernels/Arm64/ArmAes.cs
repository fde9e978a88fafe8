using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels.Arm64;

/// <summary>AES's rounds on Arm's instructions.</summary>
/// <remarks>
/// AESE and AESD add their key before the S-box, where the rounds that kernels are written in add theirs at the end. They get
/// zero, and the round key is added behind: one XOR a round, beside the AES unit and not in it.
/// </remarks>
internal readonly struct ArmAes<TInstructions> : IAesRounds
    where TInstructions : struct, IArmCrypto
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Encrypt(Vector128<byte> state, Vector128<byte> roundKey) =>
        TInstructions.Aesmc(TInstructions.Aese(state, Vector128<byte>.Zero)) ^ roundKey;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> EncryptLast(Vector128<byte> state, Vector128<byte> roundKey) =>
        TInstructions.Aese(state, Vector128<byte>.Zero) ^ roundKey;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Decrypt(Vector128<byte> state, Vector128<byte> roundKey) =>
        TInstructions.Aesimc(TInstructions.Aesd(state, Vector128<byte>.Zero)) ^ roundKey;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> DecryptLast(Vector128<byte> state, Vector128<byte> roundKey) =>
        TInstructions.Aesd(state, Vector128<byte>.Zero) ^ roundKey;

    public static Vector128<byte> InverseMixColumns(Vector128<byte> roundKey) => TInstructions.Aesimc(roundKey);

    // Where all columns are equal, ShiftRows moves nothing that could be told apart.
    public static uint SubWord(uint word) =>
        TInstructions.Aese(Vector128.Create(word).AsByte(), Vector128<byte>.Zero).AsUInt32().ToScalar();
}
