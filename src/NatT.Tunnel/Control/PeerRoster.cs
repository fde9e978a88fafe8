using Microsoft.Extensions.Logging;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Control;

/// <summary>
/// The peers there are at the moment. Publishes immutable tables to the two data paths, and ends SAs that no table has any more
/// once no packet under way has to do with them. The control loop's thread, but for reading.
/// </summary>
/// <remarks>Owns the peers.</remarks>
public sealed class PeerRoster : IDisposable
{
    /// <summary>How often at most pairs that came to their end are taken out: each time makes a table of all peers.</summary>
    private static readonly TimeSpan RetirementPeriod = TimeSpan.FromSeconds(1);

    /// <summary>How soon to look again whether the data paths use what was published.</summary>
    private static readonly TimeSpan SettlePeriod = TimeSpan.FromMilliseconds(10);

    private readonly OutboundPath _outbound;
    private readonly InboundPath _inbound;
    private readonly Action _wake;
    private readonly StateStore _store;
    private readonly ILogger _logger;
    private readonly List<Peer> _ending = [];
    private PeerTable _table;
    private bool _isSettled = true;
    private bool _isRetirementAsked;
    private TimeSpan _nextRetirement;

    /// <param name="table">At first; the roster's from here on.</param>
    /// <param name="outbound">Reads tables.</param>
    /// <param name="inbound">Reads tables.</param>
    /// <param name="wake">Makes both paths look.</param>
    /// <param name="store">Has the records of the peers.</param>
    /// <param name="logger">Hears of ends.</param>
    public PeerRoster(PeerTable table, OutboundPath outbound, InboundPath inbound, Action wake, StateStore store, ILogger logger)
    {
        _table = table;
        _outbound = outbound;
        _inbound = inbound;
        _wake = wake;
        _store = store;
        _logger = logger;
    }

    /// <summary>Somebody else has to know of other peers.</summary>
    public event Action<PeerTable>? Replaced;

    /// <summary>Any thread.</summary>
    public PeerTable Table => Volatile.Read(ref _table);

    /// <summary>Whether both data paths use the table, and what is in no table any more has ended. Any thread.</summary>
    public bool IsSettled => Volatile.Read(ref _isSettled);

    /// <summary>Drops of no peer.</summary>
    internal PathCounters[] PathCounters => [_outbound.Counters, _inbound.Counters];

    /// <summary>Publishes another table; SAs that it does not have end. Not before the last one has settled.</summary>
    public void Replace(PeerTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var kept = table.Pairs.Select(pair => pair.PairNumber).ToHashSet();
        foreach (Peer pair in _table.Pairs.Where(pair => !kept.Contains(pair.PairNumber)))
        {
            pair.Outbound.IsEnding = true;
            _ending.Add(pair);
        }

        Volatile.Write(ref _isSettled, false);
        Volatile.Write(ref _table, table);
        _outbound.Peers.Publish(table);
        _inbound.Peers.Publish(table);
        Replaced?.Invoke(table);
        _wake();
    }

    /// <summary>Writes the exact numbers of all peers to their records. Both data threads must have ended.</summary>
    public void CloseRecords()
    {
        PeerTable.CloseRecords(_store, [.. Table.Pairs, .. _ending]);
        _ending.ForEach(pair => pair.Dispose());
        _ending.Clear();
    }

    public void Dispose()
    {
        Table.Dispose();
        _ending.ForEach(pair => pair.Dispose());
    }

    /// <summary>A pair of SAs came to its end.</summary>
    internal void AskForRetirement() => _isRetirementAsked = true;

    /// <summary>Does what is due; when to come again.</summary>
    internal TimeSpan Tick(TimeSpan now)
    {
        if (!IsSettled && !TrySettle())
        {
            return now + SettlePeriod;
        }

        if (!_isRetirementAsked)
        {
            return TimeSpan.MaxValue;
        }

        if (now < _nextRetirement)
        {
            return _nextRetirement;
        }

        _nextRetirement = now + RetirementPeriod;
        _isRetirementAsked = false;
        Replace(new PeerTable([.. Table.Peers.Select(peer => peer.Rotation is KeyRotation rotation && rotation.HasEnded(now)
            ? rotation.WithoutEnded(now)
            : peer)]));
        return now + SettlePeriod;
    }

    /// <summary>Both paths have taken the table up: nobody has to do with what it does not have.</summary>
    private bool TrySettle()
    {
        if (!_outbound.Peers.Uses(_table) || !_inbound.Peers.Uses(_table))
        {
            _wake();
            return false;
        }

        if (_ending.Count > 0)
        {
            PeerTable.CloseRecords(_store, _ending);
            foreach (Peer pair in _ending)
            {
                pair.InboundCounters.AddMissing(pair.Inbound.Missing ?? 0);
                pair.Dispose();
                TunnelLog.KeysRetired(_logger, pair.Name, pair.Keys.SpiIn);
            }

            _ending.Clear();
        }

        Volatile.Write(ref _isSettled, true);
        return true;
    }
}
