namespace NatT.Tunnel.Peers;

/// <summary>A pair of SAs that no traffic goes by any more, and when it may end.</summary>
/// <param name="pair">The SAs.</param>
/// <param name="since">When it was replaced.</param>
internal sealed class RetiringKeys(Peer pair, TimeSpan since)
{
    /// <summary>Nothing came for so long: the peer has stopped using it, and what was under way has arrived.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(60);

    private long _heardTicks = since.Ticks;

    public Peer Pair { get; } = pair;

    public TimeSpan Since { get; } = since;

    /// <summary>Inbound thread: a packet came.</summary>
    public void NoteHeard(TimeSpan now) => Volatile.Write(ref _heardTicks, now.Ticks);

    public TimeSpan EndsAt
    {
        get
        {
            TimeSpan idle = TimeSpan.FromTicks(Volatile.Read(ref _heardTicks)) + IdleLimit;
            return Pair.RetireAfter is TimeSpan limit && Since + limit < idle ? Since + limit : idle;
        }
    }

    /// <summary>The same, where its peer is described anew.</summary>
    public RetiringKeys With(Peer described)
    {
        var copy = new RetiringKeys(described, Since);
        copy.NoteHeard(TimeSpan.FromTicks(Volatile.Read(ref _heardTicks)));
        return copy;
    }
}
