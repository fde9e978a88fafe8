using System.Collections.Immutable;
using NatT.Esp;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Control;

/// <summary>Makes reports of what the data paths and monitors know. It only reads them. Any thread.</summary>
/// <param name="device">The TUN device's name.</param>
/// <param name="local">Where we listen.</param>
/// <param name="peers">All of them.</param>
/// <param name="inbound">Counts arriving packets of no peer.</param>
/// <param name="outbound">Counts leaving packets of no peer.</param>
/// <param name="kernelQueues">Adds to these two what the kernel counts.</param>
/// <param name="time">For rates, ages and the time since the start, which is now.</param>
public sealed class StatusReporter(
    string device,
    OuterEndpoint local,
    PeerTable peers,
    PathCounters inbound,
    PathCounters outbound,
    KernelQueues kernelQueues,
    TimeProvider time)
{
    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    private static readonly TimeSpan SamplePeriod = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _startedAt = time.GetElapsedTime(0);
    private readonly Lock _gate = new();
    private PeerTable _peers = peers;
    private ImmutableArray<(RateMeter In, RateMeter Out)> _meters = [.. peers.Peers.Select(MetersOf)];

    /// <summary>The peers there are. Any thread.</summary>
    public ImmutableArray<Peer> Peers => Volatile.Read(ref _peers).Peers;

    /// <summary>There are other peers from now on; rates of those that stay go on.</summary>
    public void Follow(PeerTable table)
    {
        lock (_gate)
        {
            var known = _peers.Peers.Zip(_meters).ToDictionary(entry => entry.First.InboundCounters, entry => entry.Second);
            _meters = [.. table.Peers.Select(peer => known.TryGetValue(peer.InboundCounters, out (RateMeter, RateMeter) meters) ? meters : MetersOf(peer))];
            Volatile.Write(ref _peers, table);
        }
    }

    /// <summary>What reports say of it. Set before the first.</summary>
    public bool SystemCallFilter { get; set; }

    /// <summary>Looks at the counters once a second, for the rates, until cancelled.</summary>
    public async Task SampleRatesAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(SamplePeriod, time);
        try
        {
            do
            {
                SampleRates();
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
        }
    }

    public StatusReport Report()
    {
        kernelQueues.Update();
        TimeSpan now = time.GetElapsedTime(0);
        lock (_gate)
        {
            return new StatusReport
            {
                Device = device,
                Pid = Environment.ProcessId,
                Listening = local.ToString(),
                UptimeSeconds = Rounded((now - _startedAt).TotalSeconds),
                SystemCallFilter = SystemCallFilter,
                Peers = [.. _peers.Peers.Zip(_meters, (peer, meters) => Report(peer, meters.In.Rate, meters.Out.Rate, now))],
                DropsIn = DropsOf(inbound),
                DropsOut = DropsOf(outbound),
            };
        }
    }

    /// <summary>Rates are between the last two samples.</summary>
    internal void SampleRates()
    {
        TimeSpan now = time.GetElapsedTime(0);
        lock (_gate)
        {
            foreach ((RateMeter meterIn, RateMeter meterOut) in _meters)
            {
                meterIn.Sample(now);
                meterOut.Sample(now);
            }
        }
    }

    private static (RateMeter In, RateMeter Out) MetersOf(Peer peer) => (new RateMeter(peer.InboundCounters), new RateMeter(peer.OutboundCounters));

    private static PeerStatus Report(Peer peer, TrafficRate rateIn, TrafficRate rateOut, TimeSpan now)
    {
        PeerSight sight = peer.Monitor.Sight;
        PeerRoute route = peer.Monitor.Route;
        return new PeerStatus
        {
            Name = peer.Name,
            State = sight.IsUp ? PeerStatus.Up : sight.LastHeardAt is null ? PeerStatus.NeverHeard : PeerStatus.Lost,
            Endpoint = route.Endpoint?.ToString(),
            Framing = FramingNames.Of(route.Framing),
            Keys = [.. (peer.Rotation?.Uses ?? [(peer, KeyUse.Current)]).Select(KeyStatus.Of)],
            Suite = peer.Outbound.Parameters.Key.Suite.Name,
            Mode = peer.Outbound.Parameters.Transport is null ? "tunnel" : "transport",

            // A packet may have come since the report's time was taken.
            LastHeardSeconds = sight.LastHeardAt is TimeSpan heardAt ? Rounded(Math.Max(0, (now - heardAt).TotalSeconds)) : null,
            RttMs = sight.LastAnswer is ProbeAnswer answer ? Rounded(answer.RoundTrip.TotalMilliseconds) : null,
            Mtu = route.LargestInner == int.MaxValue ? null : route.LargestInner,
            In = Report(peer.InboundCounters, rateIn, LastReceived(peer)) with { Missing = MissingOf(peer) },
            Out = Report(peer.OutboundCounters, rateOut, peer.Carrier.Outbound.Sequence.Next - 1),
        };
    }

    private static ulong? LastReceived(Peer peer) =>
        peer.Carrier.Inbound is { HasWindow: true, IsSynchronised: true } inbound ? inbound.Top : null;

    private static long? MissingOf(Peer peer) => peer.Carrier.Inbound.HasWindow
        ? peer.InboundCounters.MissingBefore + peer.Pairs.Sum(pair => pair.Inbound.Missing ?? 0)
        : null;

    private static TrafficStatus Report(PathCounters counters, TrafficRate rate, ulong? lastNumber) => new()
    {
        Packets = counters.Packets,
        Octets = counters.Octets,
        PacketsPerSecond = Rounded(rate.PacketsPerSecond),
        BitsPerSecond = Rounded(rate.BitsPerSecond),
        LastNumber = lastNumber,
        Drops = DropsOf(counters),
    };

    private static ImmutableSortedDictionary<string, long> DropsOf(PathCounters counters) =>
        Reasons
            .Where(reason => counters.Drops(reason) > 0)
            .ToImmutableSortedDictionary(reason => reason.ToString(), counters.Drops, StringComparer.Ordinal);

    /// <summary>More digits would only be noise to read past.</summary>
    private static double Rounded(double value) => Math.Round(value, 3);
}
