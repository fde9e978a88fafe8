using System.Diagnostics;
using NatT.Crypto;
using NatT.Crypto.Kernels;

namespace NatT.Benchmarks;

/// <summary>
/// Kernels, seal and open, and both ends' data paths in memory, over the same sizes of packets and batches, on the engine that
/// this process' settings choose.
/// </summary>
internal sealed class Ladder : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(15);

    private readonly CipherSuite _suite = AesCbcHmacSha256.Create();
    private readonly Traffic _traffic = new(PacketSizes.Full, SuperPacketSource.Segments);
    private readonly SuiteContestant _contestant;
    private readonly InMemoryPath _path;
    private readonly KernelContestant? _kernels = KernelTiers.Best == KernelTier.Portable ? null : new KernelContestant();

    public Ladder()
    {
        _contestant = new SuiteContestant(_traffic, _suite);
        _path = new InMemoryPath(_suite);
        _contestant.Seal();
        _traffic.Remember();
        if (_kernels is not null)
        {
            Kernels =
            [
                new LadderStep("AES-CBC encryption", () => Seconds(_kernels.Encrypt) / KernelContestant.Octets),
                new LadderStep("AES-CBC decryption", () => Seconds(_kernels.Decrypt) / KernelContestant.Octets),
                new LadderStep("HMAC-SHA-256", () => Seconds(_kernels.Authenticate) / KernelContestant.Octets),
            ];
        }

        Seal = new LadderStep("seal", () => Seconds(_contestant.Seal) / _traffic.BodyOctets);
        Open = new LadderStep("open", () =>
        {
            _traffic.Restore();
            return Seconds(_contestant.Open) / _traffic.BodyOctets;
        });
        PathOut = new LadderStep("path in memory, out", () => _path.Send() / _path.Octets);
        PathIn = new LadderStep("path in memory, in", () => _path.Receive() / _path.Octets);
    }

    public string Engine => _suite.Engine;

    /// <summary>Encryption, decryption, authentication; none on the portable engine.</summary>
    public IReadOnlyList<LadderStep> Kernels { get; } = [];

    public LadderStep Seal { get; }

    public LadderStep Open { get; }

    public LadderStep PathOut { get; }

    public LadderStep PathIn { get; }

    /// <summary>Octets that the data paths allocated in the last round, for each packet.</summary>
    public double AllocatedPerPacket { get; private set; }

    /// <summary>The layers take turns, so that a busy machine is unfair to none.</summary>
    public void Measure(int rounds)
    {
        // The first round is the JIT's.
        MeasureRound();
        IEnumerable<LadderStep> all = [.. Kernels, Seal, Open, PathOut, PathIn];
        foreach (LadderStep step in all)
        {
            step.Forget();
        }

        for (int round = 0; round < rounds; round++)
        {
            MeasureRound();
        }
    }

    public void Dispose()
    {
        _kernels?.Dispose();
        _contestant.Dispose();
        _path.Dispose();
    }

    private void MeasureRound()
    {
        foreach (LadderStep step in Kernels)
        {
            Repeat(step.Measure);
        }

        Repeat(Seal.Measure);
        Repeat(Open.Measure);
        _path.ForgetAllocations();
        Repeat(() =>
        {
            PathOut.Measure();
            PathIn.Measure();
        });
        AllocatedPerPacket = _path.AllocatedPerPacket;
    }

    private static void Repeat(Action action)
    {
        long end = Stopwatch.GetTimestamp() + (long)(Slice.TotalSeconds * Stopwatch.Frequency);
        do
        {
            action();
        }
        while (Stopwatch.GetTimestamp() < end);
    }

    private static double Seconds(Action action)
    {
        long start = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
