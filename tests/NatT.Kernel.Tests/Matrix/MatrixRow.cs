namespace NatT.Kernel.Tests.Matrix;

/// <summary>One combination of what the two ends can be set to.</summary>
/// <param name="Algorithm">With its key and ICV lengths.</param>
/// <param name="IsExtended">64-bit sequence numbers.</param>
/// <param name="Window">Of both ends' replay protection; 0: none.</param>
/// <param name="Framing">Of the kernel's end: espinudp or espinudp-nonike.</param>
/// <param name="IsFound">natt-tun is not told the framing.</param>
/// <param name="IsOuterV6">Whether the datagrams are IPv6.</param>
/// <param name="Inner">IPv4, IPv6 or both; in transport mode as outside.</param>
/// <param name="IsTransport">Transport mode.</param>
internal sealed record MatrixRow(
    KernelAlgorithm Algorithm, bool IsExtended, int Window, string Framing, bool IsFound, bool IsOuterV6, string Inner, bool IsTransport = false)
{
    public const string NonIke = "espinudp-nonike";

    private static readonly string[] Framings = ["espinudp", NonIke];
    private static readonly string[] Inners = ["IPv4", "IPv6", "both"];

    /// <summary>Linux has windows of up to 4096 packets, and keeps those of up to 32 in another way.</summary>
    private static readonly int[] Windows = [0, 32, 64, 1024, 4096];

    public bool HasInnerV4 => Inner != "IPv6";

    public bool HasInnerV6 => Inner != "IPv4";

    /// <summary>Every combination that both ends accept; whether natt-tun has to find the framing takes turns.</summary>
    public static IReadOnlyList<MatrixRow> All { get; } =
    [
        .. from algorithm in KernelAlgorithm.All
           from isExtended in new[] { false, true }
           from window in Windows
           where window > 0 || !isExtended
           from framing in Framings
           from isOuterV6 in new[] { false, true }
           from isTransport in new[] { false, true }
           from inner in isTransport ? [isOuterV6 ? "IPv6" : "IPv4"] : Inners
           select new MatrixRow(algorithm, isExtended, window, framing, IsFound: false, isOuterV6, inner, isTransport) into row
           select row with { IsFound = (Scatter(row) & 0x10000) != 0 },
    ];

    /// <summary>
    /// Rows such that every two values that may occur together do so in one of them, but for algorithm and window, of which neither sees
    /// the other; greedily few, the same ones every time.
    /// </summary>
    public static IReadOnlyList<MatrixRow> Pairwise()
    {
        List<(MatrixRow Row, HashSet<(int, object, int, object)> Pairs)> candidates =
            [.. All.Select(row => (row, row.Pairs())).OrderBy(candidate => Scatter(candidate.row))];
        HashSet<(int, object, int, object)> missing = [.. candidates.SelectMany(candidate => candidate.Pairs)];
        var rows = new List<MatrixRow>();
        while (missing.Count > 0)
        {
            (MatrixRow row, HashSet<(int, object, int, object)> pairs) = candidates.MaxBy(candidate => candidate.Pairs.Count(missing.Contains));
            rows.Add(row);
            missing.ExceptWith(pairs);
        }

        return rows;
    }

    /// <summary>What names the row: algorithm, sequence numbers, framing, outer and inner IP version, mode.</summary>
    public string[] Words =>
    [
        Algorithm.Name, $"{(IsExtended ? "ESN, " : "")}window {Window}", $"{Framing}{(IsFound ? ", found" : "")}", IsOuterV6 ? "IPv6" : "IPv4", Inner,
        IsTransport ? "transport" : "tunnel",
    ];

    public static string Name(params string[] words) => string.Join(" | ", words);

    public override string ToString() => Name(Words);

    /// <summary>An order without system: what a row need not cover varies from one to the next.</summary>
    private static uint Scatter(MatrixRow row) =>
        row.ToString().Aggregate(2166136261u, (hash, letter) => (hash ^ letter) * 16777619u);

    private HashSet<(int, object, int, object)> Pairs()
    {
        object[] values = [Algorithm, IsExtended, Window, Framing, IsFound, IsOuterV6, Inner, IsTransport];
        return
        [
            .. from left in Enumerable.Range(0, values.Length)
               from right in Enumerable.Range(left + 1, values.Length - left - 1)
               where (left, right) != (0, 2)
               select (left, values[left], right, values[right]),
        ];
    }
}
