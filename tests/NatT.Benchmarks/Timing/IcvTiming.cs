using System.Diagnostics;
using NatT.Crypto;

namespace NatT.Benchmarks.Timing;

/// <summary>Times how long a suite takes to refuse one forged packet, by where its ICV is wrong, in random order.</summary>
internal sealed class IcvTiming
{
    private const int BodyLength = 64;
    private const int WarmUpSamples = 50_000;
    private const int Samples = 900_000;

    private readonly byte[] _packet;
    private readonly byte[] _rightIcv;
    private readonly OpenJob[] _jobs = new OpenJob[1];
    private readonly CipherSuite _suite;

    private IcvTiming(CipherSuite suite, CipherKey key)
    {
        _suite = suite;
        _packet = new byte[BodyLength + suite.Overhead(key.IcvSize)];
        suite.Seal(_packet, _packet, [new SealJob { Key = key, BodyOffset = suite.IvSize + CipherSuite.HeaderSize, BodyLength = BodyLength, Offset = 0, Length = _packet.Length }]);
        _rightIcv = _packet[^key.IcvSize..];
        _jobs[0] = new OpenJob { Key = key, Offset = 0, Length = _packet.Length };
    }

    /// <summary>How far from 0 Welch's t is between any two kinds of forgery.</summary>
    public static double Measure(CipherSuite suite)
    {
        using CipherKey key = CreateKey(suite);
        var timing = new IcvTiming(suite, key);
        return timing.Measure(suite.Open);
    }

    /// <summary>The same with <see cref="LeakyOpening"/> around the suite.</summary>
    public static double MeasureLeaky(CipherSuite suite)
    {
        using CipherKey key = CreateKey(suite);
        var timing = new IcvTiming(suite, key);
        var leaky = new LeakyOpening(suite, timing._rightIcv);
        double t = timing.Measure((packet, jobs) => leaky.Open(timing._packet, timing._jobs));
        return leaky.IsRight ? throw new InvalidOperationException("A forged ICV was taken for the right one.") : t;
    }

    private static CipherKey CreateKey(CipherSuite suite) => suite is AeadSuite
        ? suite.CreateKey(new byte[32 + AeadSuite.SaltSize], [], suite.IcvSizes[0])
        : suite.CreateKey(new byte[32], new byte[32], suite.IcvSizes[0]);

    private double Measure(Opening open)
    {
        Sample(open, WarmUpSamples);
        long[][] times = Sample(open, Samples);
        double[] all =
        [
            WelchTest.Farthest(times[(int)ForgedIcv.InFirstOctet], times[(int)ForgedIcv.InLastOctet]),
            WelchTest.Farthest(times[(int)ForgedIcv.InEveryOctet], times[(int)ForgedIcv.InLastOctet]),
        ];
        return all.MaxBy(Math.Abs);
    }

    /// <summary>The times by <see cref="ForgedIcv"/>, in ticks of the clock.</summary>
    private long[][] Sample(Opening open, int count)
    {
        byte[][] icvs = [.. Enum.GetValues<ForgedIcv>().Select(Forge)];
        byte[] order = new byte[count];
        new Random(count).NextBytes(order);
        long[] times = new long[count];
        for (int i = 0; i < count; i++)
        {
            order[i] %= (byte)icvs.Length;
            icvs[order[i]].CopyTo(_packet, _packet.Length - _rightIcv.Length);
            long start = Stopwatch.GetTimestamp();
            open(_packet, _jobs);
            times[i] = Stopwatch.GetTimestamp() - start;
        }

        if (_jobs[0].IsAuthentic)
        {
            throw new InvalidOperationException($"{_suite.Name} took a forged packet.");
        }

        return [.. Enumerable.Range(0, icvs.Length).Select(kind => times.Where((_, i) => order[i] == kind).ToArray())];
    }

    private byte[] Forge(ForgedIcv kind) =>
        [.. _rightIcv.Select((octet, i) => (kind switch
        {
            ForgedIcv.InFirstOctet => i == 0,
            ForgedIcv.InLastOctet => i == _rightIcv.Length - 1,
            _ => true,
        }) ? (byte)~octet : octet)];

    private delegate void Opening(Span<byte> packet, Span<OpenJob> jobs);
}
