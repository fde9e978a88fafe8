using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using AesInstructions = System.Runtime.Intrinsics.X86.Aes;

namespace NatT.Crypto.Kernels;

/// <summary>AES-GCM (NIST SP 800-38D §7) of one packet, under a nonce of 96 bits.</summary>
/// <remarks>
/// Counter mode goes over the text eight blocks at a time. GHASH takes eight blocks of ciphertext meanwhile, those before where it
/// encrypts, the same where it decrypts: each is multiplied by a power of H of its own, H⁸ to H¹, and the sum is reduced once
/// (S. Gueron and M. Kounavis, "Efficient Implementation of the Galois Counter Mode Using a Carry-less Multiplier and a Fast
/// Reduction Algorithm", 2010). The rest, fewer than eight blocks, shares one call of the cipher with what the ICV is masked by.
/// </remarks>
/// <typeparam name="TVector">As many blocks as are multiplied at once.</typeparam>
/// <typeparam name="TLanes">Their arithmetic.</typeparam>
internal static unsafe class AesGcm<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : IGhashLanes<TVector>
{
    /// <summary>Blocks of working memory that a call needs.</summary>
    public const int ScratchBlocks = MostTailBlocks + 2;

    private const int BlockSize = Ghash.BlockSize;
    private const int Eight = 8 * BlockSize;
    private const int MostTailBlocks = 8;

    /// <summary>Encrypts the body to where it goes and what follows it in place, and returns the ICV.</summary>
    // SAFETY: packet's pointers and lengths are right, and body and text the same memory or apart.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector128<byte> Seal(GcmPacket* packet, Vector128<byte>* scratch)
    {
        AesGcmKeys* keys = packet->Keys;
        byte* text = packet->Text;
        int eights = packet->Length / Eight;
        int whole = eights * Eight;
        int bodyEights = packet->BodyLength / Eight;
        int bodyWhole = bodyEights * Eight;
        if (packet->Body != text)
        {
            // What is left of the body, less than eight blocks, is encrypted where it goes.
            Unsafe.CopyBlockUnaligned(text + bodyWhole, packet->Body + bodyWhole, (uint)(packet->BodyLength - bodyWhole));
        }

        Vector128<uint> counter = Add(Ghash.Reverse(packet->FirstCounter).AsUInt32(), 1);
        Vector128<ulong> hash = packet->Hash;
        if (eights > 0)
        {
            byte* first = bodyEights > 0 ? packet->Body : text;
            CryptEights(first, text, 1, counter, keys);
            int more = bodyEights > 1 ? bodyEights - 1 : 0;
            hash = CryptAndHashEights(packet->Body + Eight, text + Eight, text, more, Add(counter, 8), keys, hash);
            byte* own = text + ((more + 1) * Eight);
            hash = CryptAndHashEights(own, own, own - Eight, eights - more - 1, Add(counter, 8 * (more + 1)), keys, hash);
            hash = HashEights(text + whole - Eight, 1, keys, hash);
        }

        int rest = packet->Length - whole;
        KeyStream(packet, Add(counter, 8 * eights), rest, scratch);
        var tail = new GhashTail(keys, hash, rest);
        var blocks = (Vector128<byte>*)(text + whole);
        for (int i = 0; i < rest / BlockSize; i++)
        {
            Vector128<byte> ciphertext = blocks[i] ^ scratch[i + 1];
            blocks[i] = ciphertext;
            tail.Add(ciphertext);
        }

        if (rest % BlockSize != 0)
        {
            // Behind the text there is room for an ICV, which is not there yet.
            int last = rest / BlockSize;
            Vector128<byte> ciphertext = (blocks[last] ^ scratch[last + 1]) & FirstOctets(rest % BlockSize);
            blocks[last] = ciphertext;
            tail.Add(ciphertext);
        }

        return tail.End(packet) ^ scratch[0];
    }

    /// <summary>Decrypts in place and says whether the ICV behind the text is right; where it is not, the text is as it was.</summary>
    // SAFETY: packet's pointers and lengths are right, and behind the text there is an ICV.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryOpen(GcmPacket* packet, Vector128<byte>* scratch)
    {
        AesGcmKeys* keys = packet->Keys;
        byte* text = packet->Text;
        int eights = packet->Length / Eight;
        int whole = eights * Eight;
        int rest = packet->Length - whole;
        Vector128<uint> counter = Add(Ghash.Reverse(packet->FirstCounter).AsUInt32(), 1);
        Vector128<ulong> hash = CryptAndHashEights(text, text, text, eights, counter, keys, packet->Hash);
        KeyStream(packet, Add(counter, 8 * eights), rest, scratch);
        var tail = new GhashTail(keys, hash, rest);
        var blocks = (Vector128<byte>*)(text + whole);
        int last = rest / BlockSize;
        for (int i = 0; i < last; i++)
        {
            tail.Add(blocks[i]);
        }

        Vector128<byte> isText = FirstOctets(rest % BlockSize);
        if (rest % BlockSize != 0)
        {
            tail.Add(blocks[last] & isText);
        }

        // All octets count before anything is decided. To encrypt again is what undoes a decryption in counter mode: a forged packet
        // costs twice the cipher, and authentic ones are spared a second way through memory.
        Vector128<byte> icv = tail.End(packet) ^ scratch[0];
        if (icv != *(Vector128<byte>*)(text + packet->Length))
        {
            CryptEights(text, text, eights, counter, keys);
            return false;
        }

        for (int i = 0; i < last; i++)
        {
            blocks[i] ^= scratch[i + 1];
        }

        if (rest % BlockSize != 0)
        {
            blocks[last] ^= scratch[last + 1] & isText;
        }

        return true;
    }

    /// <summary>Encrypts or decrypts eights of blocks in counter mode.</summary>
    private static void CryptEights(byte* source, byte* destination, int eights, Vector128<uint> counter, AesGcmKeys* keys) =>
        AesGcm<ulong, NoGhash>.CryptAndHashEights(source, destination, source, eights, counter, keys, default);

    /// <summary>Encrypts or decrypts eights of blocks in counter mode while it hashes others, or the same as they were.</summary>
    /// <param name="source">The text.</param>
    /// <param name="destination">Where it goes: the same memory, or apart.</param>
    /// <param name="hashed">The first block to hash: of <paramref name="source"/>, or eight before <paramref name="destination"/>.</param>
    /// <param name="eights">How many.</param>
    /// <param name="counter">The first block's, octets reversed.</param>
    /// <param name="keys">Of the SA.</param>
    /// <param name="hash">The sum so far.</param>
    /// <returns>The sum.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<ulong> CryptAndHashEights(
        byte* source, byte* destination, byte* hashed, int eights, Vector128<uint> counter, AesGcmKeys* keys, Vector128<ulong> hash)
    {
        var roundKeys = (Vector128<byte>*)keys->RoundKeys;
        ulong* powers = keys->Powers + ((Ghash.Powers - 8) * Ghash.BlockWords);
        int rounds = keys->Rounds;
        for (; eights > 0; eights--, source += Eight, destination += Eight, hashed += Eight)
        {
            Vector128<byte> key = roundKeys[0];
            Vector128<byte> s0 = CounterBlock(counter, 0) ^ key, s1 = CounterBlock(counter, 1) ^ key;
            Vector128<byte> s2 = CounterBlock(counter, 2) ^ key, s3 = CounterBlock(counter, 3) ^ key;
            Vector128<byte> s4 = CounterBlock(counter, 4) ^ key, s5 = CounterBlock(counter, 5) ^ key;
            Vector128<byte> s6 = CounterBlock(counter, 6) ^ key, s7 = CounterBlock(counter, 7) ^ key;
            counter = Add(counter, 8);

            // A vector of blocks is hashed between two rounds: the CPU does both at once.
            TVector low = default, middle = default, high = default;
            TVector sum = TLanes.First(hash);
            int round = 1;
            for (; round <= 8 / TLanes.Blocks; round++)
            {
                key = roundKeys[round];
                s0 = AesInstructions.Encrypt(s0, key);
                s1 = AesInstructions.Encrypt(s1, key);
                s2 = AesInstructions.Encrypt(s2, key);
                s3 = AesInstructions.Encrypt(s3, key);
                s4 = AesInstructions.Encrypt(s4, key);
                s5 = AesInstructions.Encrypt(s5, key);
                s6 = AesInstructions.Encrypt(s6, key);
                s7 = AesInstructions.Encrypt(s7, key);
                int block = (round - 1) * TLanes.Blocks;
                TVector blocks = TLanes.Xor(TLanes.Load(hashed + (block * BlockSize)), sum);
                TVector power = TLanes.LoadPowers(powers + (block * Ghash.BlockWords));
                low = TLanes.Xor(low, TLanes.MultiplyLow(blocks, power));
                middle = TLanes.Xor(middle, TLanes.MultiplyMiddle(blocks, power));
                high = TLanes.Xor(high, TLanes.MultiplyHigh(blocks, power));
                sum = default;
            }

            for (; round < rounds; round++)
            {
                key = roundKeys[round];
                s0 = AesInstructions.Encrypt(s0, key);
                s1 = AesInstructions.Encrypt(s1, key);
                s2 = AesInstructions.Encrypt(s2, key);
                s3 = AesInstructions.Encrypt(s3, key);
                s4 = AesInstructions.Encrypt(s4, key);
                s5 = AesInstructions.Encrypt(s5, key);
                s6 = AesInstructions.Encrypt(s6, key);
                s7 = AesInstructions.Encrypt(s7, key);
            }

            key = roundKeys[rounds];
            var from = (Vector128<byte>*)source;
            var to = (Vector128<byte>*)destination;
            to[0] = from[0] ^ AesInstructions.EncryptLast(s0, key);
            to[1] = from[1] ^ AesInstructions.EncryptLast(s1, key);
            to[2] = from[2] ^ AesInstructions.EncryptLast(s2, key);
            to[3] = from[3] ^ AesInstructions.EncryptLast(s3, key);
            to[4] = from[4] ^ AesInstructions.EncryptLast(s4, key);
            to[5] = from[5] ^ AesInstructions.EncryptLast(s5, key);
            to[6] = from[6] ^ AesInstructions.EncryptLast(s6, key);
            to[7] = from[7] ^ AesInstructions.EncryptLast(s7, key);
            hash = Ghash.Reduce(TLanes.Sum(low), TLanes.Sum(middle), TLanes.Sum(high));
        }

        return hash;
    }

    /// <summary>Hashes eights of blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector128<ulong> HashEights(byte* blocks, int eights, AesGcmKeys* keys, Vector128<ulong> hash)
    {
        ulong* powers = keys->Powers + ((Ghash.Powers - 8) * Ghash.BlockWords);
        for (; eights > 0; eights--)
        {
            TVector low = default, middle = default, high = default;
            TVector sum = TLanes.First(hash);
            for (int block = 0; block < 8; block += TLanes.Blocks, blocks += TLanes.Blocks * BlockSize)
            {
                TVector summand = TLanes.Xor(TLanes.Load(blocks), sum);
                TVector power = TLanes.LoadPowers(powers + (block * Ghash.BlockWords));
                low = TLanes.Xor(low, TLanes.MultiplyLow(summand, power));
                middle = TLanes.Xor(middle, TLanes.MultiplyMiddle(summand, power));
                high = TLanes.Xor(high, TLanes.MultiplyHigh(summand, power));
                sum = default;
            }

            hash = Ghash.Reduce(TLanes.Sum(low), TLanes.Sum(middle), TLanes.Sum(high));
        }

        return hash;
    }

    /// <summary>What the ICV is added to, then what the last, fewer than eight blocks are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void KeyStream(GcmPacket* packet, Vector128<uint> counter, int octets, Vector128<byte>* stream)
    {
        int blocks = (octets + BlockSize - 1) / BlockSize;
        stream[0] = packet->FirstCounter;
        for (int i = 0; i < blocks; i++)
        {
            stream[i + 1] = CounterBlock(counter, (uint)i);
        }

        AesBlocks.Encrypt(stream, blocks + 1, packet->Keys->RoundKeys, packet->Keys->Rounds);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Add(Vector128<uint> counter, int blocks) => counter + Vector128.CreateScalar((uint)blocks);

    /// <summary>The number is 32 bits, and only it counts (SP 800-38D's inc₃₂).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> CounterBlock(Vector128<uint> counter, uint block) =>
        Ssse3.Shuffle((counter + Vector128.CreateScalar(block)).AsByte(), Ghash.Reversed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> FirstOctets(int count) =>
        Vector128.LessThan(Vector128.Create((byte)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Vector128.Create((byte)count));
}
