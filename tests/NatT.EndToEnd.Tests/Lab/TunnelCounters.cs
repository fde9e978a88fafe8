using System.Text.Json;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>What <c>natt-tun status --json</c> of one end has counted, its first peer's and no peer's together.</summary>
internal sealed record TunnelCounters
{
    private TunnelCounters(JsonElement report)
    {
        JsonElement peer = report.GetProperty("peers")[0];
        PacketsIn = peer.GetProperty("in").GetProperty("packets").GetInt64();
        PacketsOut = peer.GetProperty("out").GetProperty("packets").GetInt64();
        Missing = peer.GetProperty("in").GetProperty("missing").GetInt64();
        DropsIn = Sum(report.GetProperty("drops_in"), peer.GetProperty("in").GetProperty("drops"));
        DropsOut = Sum(report.GetProperty("drops_out"), peer.GetProperty("out").GetProperty("drops"));
    }

    public long PacketsIn { get; private init; }

    public long PacketsOut { get; private init; }

    /// <summary>Sequence numbers that never came.</summary>
    public long Missing { get; private init; }

    /// <summary>By reason; those that never occurred are not there.</summary>
    public SortedDictionary<string, long> DropsIn { get; private init; }

    public SortedDictionary<string, long> DropsOut { get; private init; }

    public static TunnelCounters Of(TestPeer peer)
    {
        using var report = JsonDocument.Parse(peer.Ask("status", "--json").OutputOrFail());
        return new TunnelCounters(report.RootElement);
    }

    public TunnelCounters Since(TunnelCounters before) => this with
    {
        PacketsIn = PacketsIn - before.PacketsIn,
        PacketsOut = PacketsOut - before.PacketsOut,
        Missing = Missing - before.Missing,
        DropsIn = Difference(DropsIn, before.DropsIn),
        DropsOut = Difference(DropsOut, before.DropsOut),
    };

    private static SortedDictionary<string, long> Sum(params JsonElement[] drops)
    {
        var sum = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (JsonProperty drop in drops.SelectMany(some => some.EnumerateObject()))
        {
            sum[drop.Name] = sum.GetValueOrDefault(drop.Name) + drop.Value.GetInt64();
        }

        return sum;
    }

    private static SortedDictionary<string, long> Difference(SortedDictionary<string, long> after, SortedDictionary<string, long> before)
    {
        var difference = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach ((string reason, long count) in after)
        {
            if (count > before.GetValueOrDefault(reason))
            {
                difference[reason] = count - before.GetValueOrDefault(reason);
            }
        }

        return difference;
    }
}
