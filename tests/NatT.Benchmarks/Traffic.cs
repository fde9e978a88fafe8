using NatT.Crypto;

namespace NatT.Benchmarks;

/// <summary>Batches of packets under four SAs, laid out one behind the other as segmentation offload lays them out.</summary>
/// <remarks>
/// As many batches as a second-level cache holds, so that opening, which turns ciphertext into plaintext, has sealed packets
/// to open without a copy being timed.
/// </remarks>
internal sealed class Traffic
{
    public const int IcvSize = 16;
    public const int HeaderAndIvSize = CipherSuite.HeaderSize + 16;

    private const int SmallLength = 64;
    private const int MiddleLength = 576;
    private const int FullLength = 1408;
    private const int RingOctets = 192 * 1024;
    private const int AssociationCount = 4;

    private readonly byte[] _sealed;

    public Traffic(PacketSizes sizes, int batchSize, int seed = 1)
    {
        var random = new Random(seed);
        int[] all = new int[Math.Max(batchSize, (RingOctets / MeanLength(sizes) / batchSize * batchSize) + batchSize)];
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = sizes switch
            {
                PacketSizes.Full => FullLength,
                PacketSizes.Small => SmallLength,
                _ => (i % 12) switch { < 7 => SmallLength, < 11 => MiddleLength, _ => FullLength },
            };
        }

        if (sizes == PacketSizes.Mixed)
        {
            random.Shuffle(all);
        }

        Lengths = all;
        BatchSize = batchSize;
        BodyOctets = all.Sum();
        Bodies = new byte[BodyOctets];
        Packets = new byte[BodyOctets + (all.Length * (HeaderAndIvSize + IcvSize))];
        random.NextBytes(Bodies);
        random.NextBytes(Packets);
        for (int i = 0; i < AssociationCount; i++)
        {
            Keys[i] = (new byte[32], new byte[32]);
            random.NextBytes(Keys[i].Encryption);
            random.NextBytes(Keys[i].Authentication);
        }

        _sealed = [.. Packets];
    }

    public IReadOnlyList<int> Lengths { get; }

    public int BatchSize { get; }

    public int BodyOctets { get; }

    public byte[] Bodies { get; }

    public byte[] Packets { get; }

    public (byte[] Encryption, byte[] Authentication)[] Keys { get; } = new (byte[], byte[])[AssociationCount];

    /// <summary>Of every SA whose suite has one.</summary>
    public static ReadOnlySpan<byte> Salt => "salt"u8;

    /// <summary>Which SA the packet belongs to.</summary>
    public static int Association(int packet) => packet % AssociationCount;

    /// <summary>Takes the packets as they are now for what <see cref="Restore"/> brings back.</summary>
    public void Remember() => Packets.CopyTo(_sealed, 0);

    public void Restore() => _sealed.CopyTo(Packets, 0);

    private static int MeanLength(PacketSizes sizes) => sizes switch
    {
        PacketSizes.Full => FullLength,
        PacketSizes.Small => SmallLength,
        _ => ((7 * SmallLength) + (4 * MiddleLength) + FullLength) / 12,
    };
}
