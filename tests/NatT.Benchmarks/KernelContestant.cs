using NatT.Crypto;
using NatT.Crypto.Kernels;

namespace NatT.Benchmarks;

/// <summary>The kernels by themselves, over packets that are described and in order already.</summary>
internal sealed unsafe class KernelContestant : IDisposable
{
    private const int Packets = 128;
    private const int BodyLength = 1408;
    private const int GroupSize = 16;
    private const int ScratchSize = 24 * 1024;

    private readonly KernelTier _tier = KernelTiers.Best;
    private readonly CipherKey _key;
    private readonly byte[] _bodies = GC.AllocateArray<byte>(Packets * BodyLength, pinned: true);
    private readonly byte[] _sealed;
    private readonly KernelPacket[] _packets = GC.AllocateArray<KernelPacket>(Packets, pinned: true);
    private readonly byte[] _scratch = GC.AllocateArray<byte>(ScratchSize, pinned: true);

    public KernelContestant()
    {
        CipherSuite suite = AesCbcHmacSha256.Create(_tier);
        _key = suite.CreateKey(new byte[32], new byte[32], Traffic.IcvSize);
        int length = BodyLength + suite.Overhead(Traffic.IcvSize);
        _sealed = GC.AllocateArray<byte>(Packets * length, pinned: true);
        new Random(1).NextBytes(_bodies);

        // SAFETY: all arrays are pinned, and live as long as this object.
        fixed (byte* bodies = _bodies, octets = _sealed)
        {
            for (int i = 0; i < Packets; i++)
            {
                _packets[i] = new KernelPacket
                {
                    Keys = ((KernelCipherKey<ExpandedKeys>)_key).Keys,
                    Start = octets + (i * length),
                    Body = bodies + (i * BodyLength),
                    BodyBlocks = BodyLength / AesKeySchedule.BlockSize,
                    Blocks = BodyLength / AesKeySchedule.BlockSize,
                };
            }
        }
    }

    public static int Octets => Packets * BodyLength;

    public void Encrypt() => ForEachGroup(AesCbcEncrypt<AesNi>.Encrypt);

    public void Authenticate() => ForEachGroup((KernelPacket* first, int count, ref ScratchMemory scratch) =>
        new HmacSha256Tiers(_tier).ComputeIcvs(first, count, ref scratch));

    /// <summary>Over and over in place: what comes out does not matter.</summary>
    public void Decrypt() => ForEachGroup((KernelPacket* first, int count, ref ScratchMemory _) =>
    {
        for (KernelPacket* packet = first; packet < first + count; packet++)
        {
            ExpandedKeys* keys = packet->Keys;
            AesCbcDecrypt<AesNi>.Decrypt(packet->Iv, packet->Ciphertext, packet->Ciphertext, packet->Blocks, keys->Decryption, keys->Rounds);
        }
    });

    public void Dispose() => _key.Dispose();

    /// <summary>So many together as the suite takes at once.</summary>
    private void ForEachGroup(Kernel kernel)
    {
        fixed (byte* memory = _scratch)
        fixed (KernelPacket* packets = _packets)
        {
            for (int i = 0; i < Packets; i += GroupSize)
            {
                var scratch = new ScratchMemory(memory, ScratchSize);
                kernel(packets + i, GroupSize, ref scratch);
            }
        }
    }

    private delegate void Kernel(KernelPacket* first, int count, ref ScratchMemory scratch);
}
