using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace NatT.Crypto.Kernels;

/// <summary>AES-CBC on the CPU's AES instructions with an HMAC of Bouncy Castle's: for hashes that have no kernels.</summary>
/// <remarks>
/// For compatibility, not for speed. What the instructions give is an AES without tables, whose time tells nothing. Bouncy Castle's
/// objects have a state, so the MACs of one key wait for each other.
/// </remarks>
internal sealed unsafe class KernelAesCbcHmac : AesCbcHmac
{
    /// <summary>Packets encrypted side by side at most; a longer batch is cut.</summary>
    private const int LargestBatch = 64;

    /// <summary>More than the packets' descriptions and the lanes of the cipher take.</summary>
    private const int ScratchSize = 12 * 1024;

    public KernelAesCbcHmac(HmacHash hash, KernelTier tier)
        : base(hash)
    {
        if (tier == KernelTier.Portable || !KernelTiers.IsSupported(tier))
        {
            throw new PlatformNotSupportedException($"This CPU, or this runtime's settings, have no {KernelTiers.Describe(tier)}.");
        }
    }

    // Wider vectors have no use here: the kernels of AES-CBC are the same in every tier.
    public override string Engine => $"{KernelTiers.Describe(KernelTier.Aes)}, HMAC by Bouncy Castle";

    protected override CipherKey ExpandKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize) =>
        new KernelAesCbcHmacKey(this, encryption, authentication, icvSize);

    [SkipLocalsInit]
    protected override void SealBatch(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs)
    {
        byte* memory = stackalloc byte[ScratchSize];
        var scratch = new ScratchMemory(memory, ScratchSize);

        // SAFETY: the base class has checked every job's ranges against both buffers, and the jobs hold their keys.
        fixed (byte* from = source, to = destination)
        {
            for (ReadOnlySpan<SealJob> rest = jobs; !rest.IsEmpty; rest = rest[Math.Min(LargestBatch, rest.Length)..])
            {
                ReadOnlySpan<SealJob> part = rest[..Math.Min(LargestBatch, rest.Length)];
                KernelPacket* packets = scratch.Take<KernelPacket>(part.Length);
                for (int i = 0; i < part.Length; i++)
                {
                    ref readonly SealJob job = ref part[i];
                    var key = (KernelAesCbcHmacKey)job.Key;
                    packets[i].Describe(key.Cipher, to + job.Offset, job.Length, job.SequenceHigh);
                    packets[i].TakeBody(from + job.BodyOffset, job.BodyLength);
                }

                AesCbcEncrypt<AesNi>.Encrypt(packets, part.Length, ref scratch);
                scratch.Wipe();
                WriteIcvs(destination, part);
            }
        }
    }

    protected override void OpenBatch(Span<byte> buffer, Span<OpenJob> jobs)
    {
        Span<byte> expected = stackalloc byte[HmacHash.LargestIcvSize];

        // SAFETY: the base class has checked every job's range against the buffer.
        fixed (byte* octets = buffer)
        {
            foreach (ref OpenJob job in jobs)
            {
                var key = (KernelAesCbcHmacKey)job.Key;
                Span<byte> packet = buffer.Slice(job.Offset, job.Length);
                Span<byte> icv = expected[..key.IcvSize];
                lock (key.Hmac)
                {
                    key.Hmac.ComputeIcv(packet[..^key.IcvSize], job.SequenceHigh, icv);
                }

                if (CryptographicOperations.FixedTimeEquals(icv, packet[^key.IcvSize..]))
                {
                    Decrypt(key, octets + job.Offset, job.Length);
                    job.IsAuthentic = true;
                }
            }
        }
    }

    private static void WriteIcvs(Span<byte> destination, ReadOnlySpan<SealJob> jobs)
    {
        foreach (ref readonly SealJob job in jobs)
        {
            var key = (KernelAesCbcHmacKey)job.Key;
            Span<byte> packet = destination.Slice(job.Offset, job.Length);
            lock (key.Hmac)
            {
                key.Hmac.ComputeIcv(packet[..^key.IcvSize], job.SequenceHigh, packet[^key.IcvSize..]);
            }
        }
    }

    // SAFETY: `start` is where a packet of `length` octets lies, header first, and the key is alive until the last line.
    private static void Decrypt(KernelAesCbcHmacKey key, byte* start, int length)
    {
        KernelPacket packet = default;
        packet.Describe(key.Cipher, start, length, sequenceHigh: null);
        ExpandedKeys* keys = packet.Keys;
        AesCbcDecrypt<AesNi>.Decrypt(packet.Iv, packet.Ciphertext, packet.Ciphertext, packet.Blocks, keys->Decryption, keys->Rounds);
        GC.KeepAlive(key);
    }
}
