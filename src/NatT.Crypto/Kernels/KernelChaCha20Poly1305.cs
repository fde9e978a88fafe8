using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>ChaCha20-Poly1305 on the CPU's vector instructions. Its tier is chosen once.</summary>
/// <remarks>
/// A batch is worked on in groups of as many packets as a vector has lanes for ChaCha20: their one-time keys come from one
/// run of the kernel, and they stay in the first-level cache between cipher and MAC.
/// </remarks>
internal sealed unsafe class KernelChaCha20Poly1305 : ChaCha20Poly1305
{
    /// <summary>More than a group's descriptions and the lanes of cipher and MAC take.</summary>
    private const int ScratchSize = 16 * 1024;

    private readonly KernelTier _tier;
    private readonly int _groupSize;

    public KernelChaCha20Poly1305(KernelTier tier)
    {
        if (tier == KernelTier.Portable || !KernelTiers.HasVectors(tier))
        {
            throw new PlatformNotSupportedException($"This CPU, or this runtime's settings, have no {Describe(tier)}.");
        }

        _tier = tier;
        _groupSize = ChaCha20Poly1305Tiers.GroupSize(tier);
    }

    public override string Engine => Describe(_tier);

    private static string Describe(KernelTier tier) =>
        tier == KernelTier.Aes ? "SSSE3 kernels" : KernelTiers.Describe(tier);

    protected override CipherKey ExpandKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt)
    {
        var expanded = new KernelCipherKey<ChaChaKey>(this, IcvSize);
        var state = new Span<byte>(expanded.Keys, sizeof(ChaChaKey));
        key.CopyTo(state);
        salt.CopyTo(state[^SaltSize..]);
        return expanded;
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
            for (int start = 0; start < jobs.Length; start += _groupSize)
            {
                ReadOnlySpan<SealJob> group = jobs.Slice(start, Math.Min(_groupSize, jobs.Length - start));
                byte* mark = scratch.Mark();
                ChaChaPacket* packets = scratch.Take<ChaChaPacket>(group.Length);
                for (int i = 0; i < group.Length; i++)
                {
                    ref readonly SealJob job = ref group[i];
                    Describe(packets + i, job.Key, to + job.Offset, job.Length, job.SequenceHigh);
                    packets[i].Body = from + job.BodyOffset;
                    packets[i].BodyLength = job.BodyLength;
                }

                ChaCha20Poly1305Tiers.Seal(_tier, packets, group.Length, ref scratch);
                scratch.Release(mark);
            }
        }

        scratch.Wipe();
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
            for (int start = 0; start < jobs.Length; start += _groupSize)
            {
                Span<OpenJob> group = jobs.Slice(start, Math.Min(_groupSize, jobs.Length - start));
                byte* mark = scratch.Mark();
                ChaChaPacket* packets = scratch.Take<ChaChaPacket>(group.Length);
                for (int i = 0; i < group.Length; i++)
                {
                    ref readonly OpenJob job = ref group[i];
                    Describe(packets + i, job.Key, octets + job.Offset, job.Length, job.SequenceHigh);
                    packets[i].BodyLength = 0;
                    packets[i].Body = packets[i].Text;
                }

                ChaCha20Poly1305Tiers.Open(_tier, packets, group.Length, ref scratch);
                for (int i = 0; i < group.Length; i++)
                {
                    group[i].IsAuthentic = !packets[i].IsForged;
                }

                scratch.Release(mark);
            }
        }

        scratch.Wipe();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Describe(ChaChaPacket* packet, CipherKey key, byte* start, int length, uint? sequenceHigh)
    {
        var kernelKey = (KernelCipherKey<ChaChaKey>)key;
        ObjectDisposedException.ThrowIf(kernelKey.IsDisposed, kernelKey);
        *(ChaChaKey*)packet->State = *kernelKey.Keys;
        packet->Start = start;
        packet->TextLength = length - HeaderSize - (NonceSize - SaltSize) - IcvSize;
        packet->IsForged = false;
        *(Vector128<byte>*)packet->Associated = default;
        packet->AssociatedLength = WriteAssociatedData(
            new Span<byte>(packet->Associated, Poly1305.BlockSize), new ReadOnlySpan<byte>(start, HeaderSize), sequenceHigh);
        Unsafe.CopyBlockUnaligned(packet->State + ChaChaKey.Words, start + HeaderSize, NonceSize - SaltSize);
    }
}
