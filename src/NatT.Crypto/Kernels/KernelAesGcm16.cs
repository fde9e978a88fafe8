using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace NatT.Crypto.Kernels;

/// <summary>AES-GCM on AES-NI and PCLMULQDQ. Its tier is chosen once.</summary>
/// <remarks>
/// Packets of a batch follow each other in the order of the jobs: counter mode's blocks do not wait for each other, so that one
/// packet is work enough for the CPU. AES takes a block an instruction in every tier, for .NET 10 has no VAES.
/// </remarks>
internal sealed unsafe class KernelAesGcm16 : AesGcm16
{
    /// <summary>More than a packet's description and the blocks of its end take.</summary>
    private const int ScratchSize = 512;

    private readonly KernelTier _tier;

    public KernelAesGcm16(KernelTier tier)
    {
        if (tier == KernelTier.Portable || !KernelTiers.IsSupported(tier))
        {
            throw new PlatformNotSupportedException($"This CPU, or this runtime's settings, have no {KernelTiers.Describe(tier)}.");
        }

        _tier = tier switch
        {
            KernelTier.Avx512 when Pclmulqdq.V512.IsSupported => KernelTier.Avx512,
            >= KernelTier.Avx2 when Pclmulqdq.V256.IsSupported => KernelTier.Avx2,
            _ => KernelTier.Aes,
        };
    }

    public override string Engine => KernelTiers.Describe(_tier);

    [SkipLocalsInit]
    protected override CipherKey ExpandKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt)
    {
        var expanded = new KernelCipherKey<AesGcmKeys>(this, IcvSize);
        AesGcmKeys* keys = expanded.Keys;
        keys->Rounds = AesKeySchedule.Rounds(key.Length);
        keys->Salt = BitConverter.ToUInt32(salt);
        AesKeySchedule.Expand<AesNi>(key, keys->RoundKeys);

        // H is the block of zeros, encrypted.
        byte* memory = stackalloc byte[ScratchSize];
        var scratch = new ScratchMemory(memory, ScratchSize);
        Vector128<byte>* h = scratch.Take<Vector128<byte>>(2);
        h[0] = default;
        AesBlocks.Encrypt(h, 1, keys->RoundKeys, keys->Rounds);
        Ghash.Expand(h[0], keys->Powers);
        scratch.Wipe();
        return expanded;
    }

    protected override void SealBatch(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs)
    {
        // SAFETY: the base class has checked every job's ranges against both buffers.
        fixed (byte* from = source, to = destination)
        {
            switch (_tier)
            {
                case KernelTier.Avx512:
                    Seal<Vector512<ulong>, GhashV512>(from, to, jobs);
                    break;
                case KernelTier.Avx2:
                    Seal<Vector256<ulong>, GhashV256>(from, to, jobs);
                    break;
                default:
                    Seal<Vector128<ulong>, GhashPclmulqdq>(from, to, jobs);
                    break;
            }
        }
    }

    protected override void OpenBatch(Span<byte> buffer, Span<OpenJob> jobs)
    {
        // SAFETY: the base class has checked every job's range against the buffer.
        fixed (byte* octets = buffer)
        {
            switch (_tier)
            {
                case KernelTier.Avx512:
                    Open<Vector512<ulong>, GhashV512>(octets, jobs);
                    break;
                case KernelTier.Avx2:
                    Open<Vector256<ulong>, GhashV256>(octets, jobs);
                    break;
                default:
                    Open<Vector128<ulong>, GhashPclmulqdq>(octets, jobs);
                    break;
            }
        }
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Seal<TVector, TLanes>(byte* source, byte* destination, ReadOnlySpan<SealJob> jobs)
        where TVector : unmanaged
        where TLanes : IGhashLanes<TVector>
    {
        byte* memory = stackalloc byte[ScratchSize];
        var scratch = new ScratchMemory(memory, ScratchSize);
        Vector128<byte>* blocks = scratch.Take<Vector128<byte>>(AesGcm<TVector, TLanes>.ScratchBlocks);
        GcmPacket* packet = scratch.Take<GcmPacket>(1);
        foreach (ref readonly SealJob job in jobs)
        {
            Describe(packet, job.Key, destination + job.Offset, job.Length, job.SequenceHigh);
            packet->Body = source + job.BodyOffset;
            packet->BodyLength = job.BodyLength;
            Vector128<byte> icv = AesGcm<TVector, TLanes>.Seal(packet, blocks);
            *(Vector128<byte>*)(packet->Text + packet->Length) = icv;

            // Kernels know keys by address only.
            GC.KeepAlive(job.Key);
        }

        scratch.Wipe();
    }

    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Open<TVector, TLanes>(byte* buffer, Span<OpenJob> jobs)
        where TVector : unmanaged
        where TLanes : IGhashLanes<TVector>
    {
        byte* memory = stackalloc byte[ScratchSize];
        var scratch = new ScratchMemory(memory, ScratchSize);
        Vector128<byte>* blocks = scratch.Take<Vector128<byte>>(AesGcm<TVector, TLanes>.ScratchBlocks);
        GcmPacket* packet = scratch.Take<GcmPacket>(1);
        foreach (ref OpenJob job in jobs)
        {
            Describe(packet, job.Key, buffer + job.Offset, job.Length, job.SequenceHigh);
            job.IsAuthentic = AesGcm<TVector, TLanes>.TryOpen(packet, blocks);
            GC.KeepAlive(job.Key);
        }

        scratch.Wipe();
    }

    /// <summary>Nonce and associated data as RFC 4106 §4 and §5 make them of salt, header and IV.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Describe(GcmPacket* packet, CipherKey key, byte* start, int length, uint? sequenceHigh)
    {
        const int ExplicitIvSize = NonceSize - SaltSize;
        const uint OneBigEndian = 0x0100_0000;
        var kernelKey = (KernelCipherKey<AesGcmKeys>)key;
        ObjectDisposedException.ThrowIf(kernelKey.IsDisposed, kernelKey);
        AesGcmKeys* keys = kernelKey.Keys;
        uint spi = *(uint*)start;
        uint sequence = *(uint*)(start + sizeof(uint));
        var iv = (uint*)(start + HeaderSize);
        Vector128<uint> associated = sequenceHigh is uint high
            ? Vector128.Create(spi, BinaryPrimitives.ReverseEndianness(high), sequence, 0)
            : Vector128.Create(spi, sequence, 0, 0);
        packet->Keys = keys;
        packet->FirstCounter = Vector128.Create(keys->Salt, iv[0], iv[1], OneBigEndian).AsByte();
        packet->Hash = Ghash.Multiply(Ghash.Reverse(associated.AsByte()), ((Vector128<ulong>*)keys->Powers)[Ghash.Powers - 1]);
        packet->AssociatedLength = sequenceHigh.HasValue ? LongestAssociatedData : HeaderSize;
        packet->Text = start + HeaderSize + ExplicitIvSize;
        packet->Length = length - HeaderSize - ExplicitIvSize - IcvSize;
    }
}
