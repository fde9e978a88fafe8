using System.Globalization;

namespace NatT.Benchmarks;

/// <summary>
/// What each layer leaves of the rate of the one below, in one unit: GB of inner packets a second that one core brings from
/// device to device, both ends' work. iperf3 ≤ path in memory ≤ seal + open ≤ kernels.
/// </summary>
internal static class LadderTable
{
    /// <summary>The rate that iperf3 found with both ends on this machine, in Mbit/s.</summary>
    public const string IperfArgument = "--iperf3-mbit";

    private const int Rounds = 15;

    /// <summary>Prints the table; false where a step is the wrong way round, or a path allocated.</summary>
    public static bool Print(double? iperfMbit)
    {
        using var ladder = new Ladder();
        ladder.Measure(Rounds);
        var both = new List<(string Name, double Cost)>();
        Console.WriteLine($"\n{ladder.Engine}: GB/s of inner packets a core, TCP, {SuperPacketSource.Segments} packets of "
            + $"{SuperPacketSource.SegmentLength} octets together");
        if (ladder.Kernels is [var encryption, var decryption, var authentication])
        {
            Print(encryption);
            Print(decryption);
            Print(authentication);
            both.Add(("kernels, both ends", encryption.Cost + decryption.Cost + (2 * authentication.Cost)));
        }

        Print(ladder.Seal);
        Print(ladder.Open);
        Print(ladder.PathOut);
        Print(ladder.PathIn);
        both.Add(("seal + open", ladder.Seal.Cost + ladder.Open.Cost));
        both.Add(("path in memory, both ends", ladder.PathOut.Cost + ladder.PathIn.Cost));
        if (iperfMbit is double rate)
        {
            // Both ends, and iperf3 itself, had all cores.
            both.Add((Invariant($"iperf3, {rate:0} Mbit/s on {Environment.ProcessorCount} cores"), Environment.ProcessorCount / (rate / 8 * 1e6)));
        }

        both.ForEach(step => Print(step.Name, step.Cost));
        Console.WriteLine(Invariant($"  the data paths allocate {ladder.AllocatedPerPacket:0.##} B a packet"));
        bool isInOrder = both.Zip(both.Skip(1)).All(pair => pair.First.Cost <= pair.Second.Cost);
        string order = string.Join(" ≤ ", both.Select(step => step.Name.Split(',')[0]).Reverse());
        Console.WriteLine($"  {order}: {(isInOrder ? "holds" : "DOES NOT HOLD")}");
        return isInOrder && ladder.AllocatedPerPacket == 0;
    }

    private static void Print(LadderStep step) => Print(step.Name, step.Cost);

    private static void Print(string name, double cost) => Console.WriteLine(Invariant($"  {name,-36}{1e-9 / cost,6:0.00}"));

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
