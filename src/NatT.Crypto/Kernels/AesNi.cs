using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace NatT.Crypto.Kernels;

/// <summary>x86's instructions are AES's rounds.</summary>
internal readonly struct AesNi : IAesRounds
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Encrypt(Vector128<byte> state, Vector128<byte> roundKey) => AesInstructions.Encrypt(state, roundKey);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> EncryptLast(Vector128<byte> state, Vector128<byte> roundKey) =>
        AesInstructions.EncryptLast(state, roundKey);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Decrypt(Vector128<byte> state, Vector128<byte> roundKey) => AesInstructions.Decrypt(state, roundKey);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> DecryptLast(Vector128<byte> state, Vector128<byte> roundKey) =>
        AesInstructions.DecryptLast(state, roundKey);

    public static Vector128<byte> InverseMixColumns(Vector128<byte> roundKey) => AesInstructions.InverseMixColumns(roundKey);

    public static uint SubWord(uint word) =>
        AesInstructions.KeygenAssist(Vector128.Create(0, word, 0, 0).AsByte(), 0).AsUInt32().ToScalar();
}
