using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>AES-CBC decryption of one packet, whose blocks do not wait for each other: eight of them at once.</summary>
/// <remarks>
/// A round key is loaded once and used for all blocks. The ciphertext before each block is read before anything is stored, so
/// source and destination may be the same memory.
/// </remarks>
internal static unsafe class AesCbcDecrypt<TRounds>
    where TRounds : struct, IAesRounds
{
    private const int BlockSize = AesKeySchedule.BlockSize;

    // SAFETY: source and destination have `blocks` blocks and are the same or apart; keys has rounds + 1 of them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Decrypt(byte* iv, byte* source, byte* destination, int blocks, byte* keys, int rounds)
    {
        var roundKeys = (Vector128<byte>*)keys;
        Vector128<byte> chain = Vector128.Load(iv);
        int eights = blocks / 8;
        if (eights > 0)
        {
            chain = DecryptEights(chain, source, destination, eights, roundKeys, rounds);
        }

        nint done = eights * 8 * BlockSize;
        DecryptRest(chain, source + done, destination + done, blocks % 8, roundKeys, rounds);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<byte> DecryptEights(
        Vector128<byte> chain, byte* source, byte* destination, int eights, Vector128<byte>* keys, int rounds)
    {
        for (; eights > 0; eights--, source += 8 * BlockSize, destination += 8 * BlockSize)
        {
            var ciphertext = (Vector128<byte>*)source;
            Vector128<byte> key = keys[0];
            Vector128<byte> s0 = ciphertext[0] ^ key, s1 = ciphertext[1] ^ key, s2 = ciphertext[2] ^ key, s3 = ciphertext[3] ^ key;
            Vector128<byte> s4 = ciphertext[4] ^ key, s5 = ciphertext[5] ^ key, s6 = ciphertext[6] ^ key, s7 = ciphertext[7] ^ key;
            for (int round = 1; round < rounds; round++)
            {
                key = keys[round];
                s0 = TRounds.Decrypt(s0, key);
                s1 = TRounds.Decrypt(s1, key);
                s2 = TRounds.Decrypt(s2, key);
                s3 = TRounds.Decrypt(s3, key);
                s4 = TRounds.Decrypt(s4, key);
                s5 = TRounds.Decrypt(s5, key);
                s6 = TRounds.Decrypt(s6, key);
                s7 = TRounds.Decrypt(s7, key);
            }

            key = keys[rounds];
            s0 = TRounds.DecryptLast(s0, key) ^ chain;
            s1 = TRounds.DecryptLast(s1, key) ^ ciphertext[0];
            s2 = TRounds.DecryptLast(s2, key) ^ ciphertext[1];
            s3 = TRounds.DecryptLast(s3, key) ^ ciphertext[2];
            s4 = TRounds.DecryptLast(s4, key) ^ ciphertext[3];
            s5 = TRounds.DecryptLast(s5, key) ^ ciphertext[4];
            s6 = TRounds.DecryptLast(s6, key) ^ ciphertext[5];
            s7 = TRounds.DecryptLast(s7, key) ^ ciphertext[6];
            chain = ciphertext[7];

            var plaintext = (Vector128<byte>*)destination;
            plaintext[0] = s0;
            plaintext[1] = s1;
            plaintext[2] = s2;
            plaintext[3] = s3;
            plaintext[4] = s4;
            plaintext[5] = s5;
            plaintext[6] = s6;
            plaintext[7] = s7;
        }

        return chain;
    }

    /// <summary>Up to four blocks a turn: where there are fewer, the last one is done several times over, which costs no time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecryptRest(
        Vector128<byte> chain, byte* source, byte* destination, int blocks, Vector128<byte>* keys, int rounds)
    {
        for (; blocks > 0; blocks -= 4, source += 4 * BlockSize, destination += 4 * BlockSize)
        {
            int i1 = Math.Min(1, blocks - 1), i2 = Math.Min(2, blocks - 1), i3 = Math.Min(3, blocks - 1);
            var ciphertext = (Vector128<byte>*)source;
            Vector128<byte> c0 = ciphertext[0], c1 = ciphertext[i1], c2 = ciphertext[i2], c3 = ciphertext[i3];
            Vector128<byte> key = keys[0];
            Vector128<byte> s0 = c0 ^ key, s1 = c1 ^ key, s2 = c2 ^ key, s3 = c3 ^ key;
            for (int round = 1; round < rounds; round++)
            {
                key = keys[round];
                s0 = TRounds.Decrypt(s0, key);
                s1 = TRounds.Decrypt(s1, key);
                s2 = TRounds.Decrypt(s2, key);
                s3 = TRounds.Decrypt(s3, key);
            }

            // Stored from the last to the first, so that what is right overwrites what stands in for a missing block.
            key = keys[rounds];
            var plaintext = (Vector128<byte>*)destination;
            plaintext[i3] = TRounds.DecryptLast(s3, key) ^ c2;
            plaintext[i2] = TRounds.DecryptLast(s2, key) ^ c1;
            plaintext[i1] = TRounds.DecryptLast(s1, key) ^ c0;
            plaintext[0] = TRounds.DecryptLast(s0, key) ^ chain;
            chain = c3;
        }
    }
}
