using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>AES-CBC with HMAC-SHA-256 on the CPU's vector instructions, many packets at once.</summary>
/// <remarks>
/// A batch is worked on longest packet first, in groups: so many packets as the widest vector has lanes where they are equally
/// long, which stay in the first-level cache between cipher and MAC; or all that are left where they are not, so that a lane
/// whose packet ends finds another.
/// </remarks>
internal sealed unsafe class KernelAesCbcHmacSha256<TRounds, THmac>(string engine, THmac hmac) : AesCbcHmacSha256
    where TRounds : struct, IAesRounds
    where THmac : struct, IHmacSha256
{
    /// <summary>Packets worked on together at most; a longer batch is cut.</summary>
    private const int LargestBatch = 128;

    private const int GroupSize = 16;

    /// <summary>More than the packets' descriptions and the lanes of cipher and MAC take.</summary>
    private const int ScratchSize = 24 * 1024;

    public override string Engine => engine;

    [SkipLocalsInit]
    protected override CipherKey ExpandKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize)
    {
        byte* memory = stackalloc byte[ScratchSize];
        var scratch = new ScratchMemory(memory, ScratchSize);
        var key = new KernelCipherKey<ExpandedKeys>(this, icvSize);
        ExpandedKeys* keys = key.Keys;
        keys->Rounds = AesKeySchedule.Rounds(encryption.Length);
        keys->IcvSize = icvSize;
        AesKeySchedule.Expand<TRounds>(encryption, keys->Encryption);
        AesKeySchedule.Invert<TRounds>(keys->Encryption, keys->Decryption, keys->Rounds);
        HmacKey.Expand(hmac, authentication, keys, ref scratch);
        scratch.Wipe();
        return key;
    }

    protected override bool HasIcvOf(int icvSize, ReadOnlySpan<byte> packet, CipherKey key, uint? sequenceHigh)
    {
        ObjectDisposedException.ThrowIf(((KernelCipherKey<ExpandedKeys>)key).IsDisposed, key);
        using var other = new KernelCipherKey<ExpandedKeys>(this, icvSize);

        // SAFETY: both are pinned, and this method holds them.
        *other.Keys = *((KernelCipherKey<ExpandedKeys>)key).Keys;
        other.Keys->IcvSize = icvSize;
        GC.KeepAlive(key);
        return OpensUnder(packet, other, sequenceHigh);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void SealBatch(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs)
    {
        byte* memory = stackalloc byte[ScratchSize];
        var scratch = new ScratchMemory(memory, ScratchSize);

        // SAFETY: the base class has checked every job's ranges against both buffers.
        fixed (byte* from = source, to = destination)
        {
            for (ReadOnlySpan<SealJob> rest = jobs; !rest.IsEmpty; rest = rest[Math.Min(LargestBatch, rest.Length)..])
            {
                ReadOnlySpan<SealJob> part = rest[..Math.Min(LargestBatch, rest.Length)];
                KernelPacket* packets = Describe(part, from, to, ref scratch);
                for (int start = 0, size; start < part.Length; start += size)
                {
                    size = GroupFrom(packets + start, part.Length - start);
                    AesCbcEncrypt<TRounds>.Encrypt(packets + start, size, ref scratch);
                    hmac.ComputeIcvs(packets + start, size, ref scratch);
                    WriteIcvs(packets + start, size);
                }

                scratch.Wipe();
            }
        }

        KeepAlive(jobs);
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void OpenBatch(Span<byte> buffer, Span<OpenJob> jobs)
    {
        byte* memory = stackalloc byte[ScratchSize];
        var scratch = new ScratchMemory(memory, ScratchSize);

        // SAFETY: the base class has checked every job's range against the buffer.
        fixed (byte* octets = buffer)
        {
            for (Span<OpenJob> rest = jobs; !rest.IsEmpty; rest = rest[Math.Min(LargestBatch, rest.Length)..])
            {
                Span<OpenJob> part = rest[..Math.Min(LargestBatch, rest.Length)];
                KernelPacket* packets = Describe(part, octets, ref scratch);
                for (int start = 0, size; start < part.Length; start += size)
                {
                    size = GroupFrom(packets + start, part.Length - start);
                    hmac.ComputeIcvs(packets + start, size, ref scratch);
                    DecryptAuthentic(packets + start, size, part);
                }

                scratch.Wipe();
            }
        }
    }

    /// <summary>The jobs in the order of work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static KernelPacket* Describe(ReadOnlySpan<SealJob> jobs, byte* source, byte* destination, ref ScratchMemory scratch)
    {
        KernelPacket* packets = scratch.Take<KernelPacket>(jobs.Length);
        int* places = scratch.Take<int>(jobs.Length);
        for (int i = 0; i < jobs.Length; i++)
        {
            places[i] = jobs[i].Length;
        }

        LongestFirst.Place(places, jobs.Length, ref scratch);
        for (int i = 0; i < jobs.Length; i++)
        {
            ref readonly SealJob job = ref jobs[i];
            KernelPacket* packet = packets + places[i];
            packet->Describe((KernelCipherKey<ExpandedKeys>)job.Key, destination + job.Offset, job.Length, job.SequenceHigh);
            packet->TakeBody(source + job.BodyOffset, job.BodyLength);
        }

        return packets;
    }

    /// <summary>The jobs in the order of work.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static KernelPacket* Describe(ReadOnlySpan<OpenJob> jobs, byte* buffer, ref ScratchMemory scratch)
    {
        KernelPacket* packets = scratch.Take<KernelPacket>(jobs.Length);
        int* places = scratch.Take<int>(jobs.Length);
        for (int i = 0; i < jobs.Length; i++)
        {
            places[i] = jobs[i].Length;
        }

        LongestFirst.Place(places, jobs.Length, ref scratch);
        for (int i = 0; i < jobs.Length; i++)
        {
            ref readonly OpenJob job = ref jobs[i];
            KernelPacket* packet = packets + places[i];
            packet->Describe((KernelCipherKey<ExpandedKeys>)job.Key, buffer + job.Offset, job.Length, job.SequenceHigh);
            packet->Job = i;
        }

        return packets;
    }

    /// <summary>How many packets to work on next.</summary>
    private static int GroupFrom(KernelPacket* packets, int count)
    {
        if (count <= GroupSize)
        {
            return count;
        }

        int first = packets[0].AuthenticatedLength / Sha256Constants.BlockSize;
        int last = packets[GroupSize - 1].AuthenticatedLength / Sha256Constants.BlockSize;
        return first == last ? GroupSize : count;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteIcvs(KernelPacket* packets, int count)
    {
        for (KernelPacket* packet = packets; packet < packets + count; packet++)
        {
            new ReadOnlySpan<byte>(packet->Icv, packet->Keys->IcvSize).CopyTo(new Span<byte>(packet->PlaceOfIcv, packet->Keys->IcvSize));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecryptAuthentic(KernelPacket* packets, int count, Span<OpenJob> jobs)
    {
        for (KernelPacket* packet = packets; packet < packets + count; packet++)
        {
            ExpandedKeys* keys = packet->Keys;
            if (IsRight(packet->Icv, packet->PlaceOfIcv, keys->IcvSize))
            {
                AesCbcDecrypt<TRounds>.Decrypt(
                    packet->Iv, packet->Ciphertext, packet->Ciphertext, packet->Blocks, keys->Decryption, keys->Rounds);
                jobs[packet->Job].IsAuthentic = true;
            }
        }
    }

    /// <summary>Compares without telling by its time where two ICVs differ: all octets count before anything is decided.</summary>
    /// <remarks>CryptographicOperations.FixedTimeEquals goes octet by octet, unoptimised: a seventh of what a small packet costs.</remarks>
    private static bool IsRight(byte* computed, byte* received, int size)
    {
        // 12 or 16 octets are two times eight, which overlap where there are 12.
        int second = size - sizeof(ulong);
        ulong difference = Unsafe.ReadUnaligned<ulong>(computed) ^ Unsafe.ReadUnaligned<ulong>(received);
        difference |= Unsafe.ReadUnaligned<ulong>(computed + second) ^ Unsafe.ReadUnaligned<ulong>(received + second);
        return difference == 0;
    }

    /// <summary>Holds the jobs, and with them the keys that kernels know by address only, until here.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void KeepAlive(ReadOnlySpan<SealJob> jobs)
    {
    }
}
