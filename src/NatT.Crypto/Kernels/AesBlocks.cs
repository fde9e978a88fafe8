using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace NatT.Crypto.Kernels;

/// <summary>AES encryption of a few blocks that do not wait for each other.</summary>
internal static unsafe class AesBlocks
{
    // SAFETY: count is not negative, and behind as many blocks there is room for one, which may hold anything afterwards.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encrypt(Vector128<byte>* blocks, int count, byte* keys, int rounds)
    {
        var roundKeys = (Vector128<byte>*)keys;
        for (; count > 6; count -= 8, blocks += 8)
        {
            EncryptEight(blocks, roundKeys, rounds);
        }

        if (count > 4)
        {
            EncryptSix(blocks, roundKeys, rounds);
        }
        else if (count > 2)
        {
            EncryptFour(blocks, roundKeys, rounds);
        }
        else if (count > 0)
        {
            EncryptTwo(blocks, roundKeys, rounds);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncryptEight(Vector128<byte>* blocks, Vector128<byte>* keys, int rounds)
    {
        Vector128<byte> key = keys[0];
        Vector128<byte> s0 = blocks[0] ^ key, s1 = blocks[1] ^ key, s2 = blocks[2] ^ key, s3 = blocks[3] ^ key;
        Vector128<byte> s4 = blocks[4] ^ key, s5 = blocks[5] ^ key, s6 = blocks[6] ^ key, s7 = blocks[7] ^ key;
        for (int round = 1; round < rounds; round++)
        {
            key = keys[round];
            s0 = AesInstructions.Encrypt(s0, key);
            s1 = AesInstructions.Encrypt(s1, key);
            s2 = AesInstructions.Encrypt(s2, key);
            s3 = AesInstructions.Encrypt(s3, key);
            s4 = AesInstructions.Encrypt(s4, key);
            s5 = AesInstructions.Encrypt(s5, key);
            s6 = AesInstructions.Encrypt(s6, key);
            s7 = AesInstructions.Encrypt(s7, key);
        }

        key = keys[rounds];
        blocks[0] = AesInstructions.EncryptLast(s0, key);
        blocks[1] = AesInstructions.EncryptLast(s1, key);
        blocks[2] = AesInstructions.EncryptLast(s2, key);
        blocks[3] = AesInstructions.EncryptLast(s3, key);
        blocks[4] = AesInstructions.EncryptLast(s4, key);
        blocks[5] = AesInstructions.EncryptLast(s5, key);
        blocks[6] = AesInstructions.EncryptLast(s6, key);
        blocks[7] = AesInstructions.EncryptLast(s7, key);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncryptSix(Vector128<byte>* blocks, Vector128<byte>* keys, int rounds)
    {
        Vector128<byte> key = keys[0];
        Vector128<byte> s0 = blocks[0] ^ key, s1 = blocks[1] ^ key, s2 = blocks[2] ^ key;
        Vector128<byte> s3 = blocks[3] ^ key, s4 = blocks[4] ^ key, s5 = blocks[5] ^ key;
        for (int round = 1; round < rounds; round++)
        {
            key = keys[round];
            s0 = AesInstructions.Encrypt(s0, key);
            s1 = AesInstructions.Encrypt(s1, key);
            s2 = AesInstructions.Encrypt(s2, key);
            s3 = AesInstructions.Encrypt(s3, key);
            s4 = AesInstructions.Encrypt(s4, key);
            s5 = AesInstructions.Encrypt(s5, key);
        }

        key = keys[rounds];
        blocks[0] = AesInstructions.EncryptLast(s0, key);
        blocks[1] = AesInstructions.EncryptLast(s1, key);
        blocks[2] = AesInstructions.EncryptLast(s2, key);
        blocks[3] = AesInstructions.EncryptLast(s3, key);
        blocks[4] = AesInstructions.EncryptLast(s4, key);
        blocks[5] = AesInstructions.EncryptLast(s5, key);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncryptFour(Vector128<byte>* blocks, Vector128<byte>* keys, int rounds)
    {
        Vector128<byte> key = keys[0];
        Vector128<byte> s0 = blocks[0] ^ key, s1 = blocks[1] ^ key, s2 = blocks[2] ^ key, s3 = blocks[3] ^ key;
        for (int round = 1; round < rounds; round++)
        {
            key = keys[round];
            s0 = AesInstructions.Encrypt(s0, key);
            s1 = AesInstructions.Encrypt(s1, key);
            s2 = AesInstructions.Encrypt(s2, key);
            s3 = AesInstructions.Encrypt(s3, key);
        }

        key = keys[rounds];
        blocks[0] = AesInstructions.EncryptLast(s0, key);
        blocks[1] = AesInstructions.EncryptLast(s1, key);
        blocks[2] = AesInstructions.EncryptLast(s2, key);
        blocks[3] = AesInstructions.EncryptLast(s3, key);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncryptTwo(Vector128<byte>* blocks, Vector128<byte>* keys, int rounds)
    {
        Vector128<byte> key = keys[0];
        Vector128<byte> s0 = blocks[0] ^ key, s1 = blocks[1] ^ key;
        for (int round = 1; round < rounds; round++)
        {
            key = keys[round];
            s0 = AesInstructions.Encrypt(s0, key);
            s1 = AesInstructions.Encrypt(s1, key);
        }

        key = keys[rounds];
        blocks[0] = AesInstructions.EncryptLast(s0, key);
        blocks[1] = AesInstructions.EncryptLast(s1, key);
    }
}
