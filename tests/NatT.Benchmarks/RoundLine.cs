using System.Text.Json;

namespace NatT.Benchmarks;

/// <summary>
/// <c>--round</c>: one round of every engine but the slow portable one, as a line of JSON. Each case has the slower of sealing and
/// opening in GB/s on one core, by a name such as "aes-gcm-16 AVX-512 64 full"; and "allocated" is the most octets that any of our
/// kernels allocated.
/// </summary>
internal static class RoundLine
{
    public const string Argument = "--round";

    public static void Print()
    {
        var figures = new Dictionary<string, double> { ["allocated"] = 0 };
        foreach (EngineRow row in EngineRow.OfThisCpu.Where(row => row.Tier is not Crypto.Kernels.KernelTier.Portable))
        {
            using var engine = new EngineProcess(row);
            double[][] cases = [.. engine.MeasureRound().Chunk(QuickRound.FiguresPerCase)];
            foreach (((PacketSizes sizes, int batchSize), double[] one) in QuickRound.Cases.Zip(cases))
            {
                double[] opened = one[QuickRound.FiguresPerDirection..];
                figures[$"{row.Suite} {row.Name} {batchSize} {sizes.ToString().ToLowerInvariant()}"] = Math.Min(one[0], opened[0]) / 1e9;
                if (row.Tier is not null)
                {
                    figures["allocated"] = Math.Max(figures["allocated"], Math.Max(one[2], opened[2]));
                }
            }
        }

        Console.WriteLine(JsonSerializer.Serialize(figures));
    }
}
