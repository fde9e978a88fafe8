using System.Collections.Immutable;

namespace NatT.Tunnel.Peers;

/// <summary>
/// A peer on its way from one pair of SAs to the next: traffic moves once the peer was heard under the next, and what comes under
/// the old is taken until nothing does. Liveness, endpoint and path are the peer's, not a pair's. Time comes in as an argument.
/// </summary>
/// <remarks>
/// The inbound thread calls <see cref="NoteHeard"/>, the outbound thread reads <see cref="Carrier"/>, the control loop does the rest.
/// <code>
///  reload          heard under next          60 s without traffic
///    │ next: probed ──► next: current ──────────► current
///    │ current ───────► retiring ───────────────► (gone)
/// </code>
/// </remarks>
public sealed class KeyRotation
{
    /// <summary>The next SA gets a probe so often.</summary>
    public static readonly TimeSpan ProbeSpacing = TimeSpan.FromSeconds(1);

    private Peer _carrier;
    private Peer _previous;
    private Peer? _next;
    private RetiringKeys[] _retiring;
    private TimeSpan _probeAt;
    private long _movedTicks;

    /// <param name="current">Traffic goes by it.</param>
    /// <param name="next">To be moved to; null: there are only older ones.</param>
    /// <param name="retiring">What is left of earlier rotations.</param>
    /// <param name="now">Monotonic time.</param>
    internal KeyRotation(Peer current, Peer? next, IEnumerable<RetiringKeys> retiring, TimeSpan now)
    {
        _carrier = _previous = current.In(this);
        _next = next?.In(this);
        _retiring = [.. retiring.Select(keys => keys.With(keys.Pair.In(this)))];
        _probeAt = now;
    }

    /// <summary>The pair that takes what goes to the peer. Any thread.</summary>
    public Peer Carrier => Volatile.Read(ref _carrier);

    /// <summary>Each pair and what it is used for. Any thread.</summary>
    public ImmutableArray<(Peer Pair, KeyUse Use)> Uses
    {
        get
        {
            Peer carrier = Carrier;
            var uses = ImmutableArray.CreateBuilder<(Peer, KeyUse)>();
            uses.Add((carrier, KeyUse.Current));
            if (Volatile.Read(ref _next) is Peer next && next != carrier)
            {
                uses.Add((next, KeyUse.Next));
            }

            if (_previous != carrier && !Retiring.Any(keys => keys.Pair == _previous))
            {
                uses.Add((_previous, KeyUse.Retiring));
            }

            uses.AddRange(Retiring.Select(keys => (keys.Pair, KeyUse.Retiring)));
            return uses.ToImmutable();
        }
    }

    /// <summary>All pairs.</summary>
    internal ImmutableArray<Peer> Pairs => [.. Uses.Select(use => use.Pair)];

    /// <summary>Pairs that nothing goes by any more.</summary>
    internal IReadOnlyList<RetiringKeys> Retiring => Volatile.Read(ref _retiring);

    /// <summary>What is being probed; null where the peer was heard under it, or there is none.</summary>
    internal Peer? Probed => _next is Peer next && Carrier != next ? next : null;

    /// <summary>Inbound thread: an authentic packet came under this pair, and its number was fresh.</summary>
    /// <returns>Whether the peer sends by this pair now, so that the packet tells where it is.</returns>
    public bool NoteHeard(Peer pair, TimeSpan now)
    {
        if (pair == Carrier)
        {
            return true;
        }

        if (pair == Volatile.Read(ref _next))
        {
            Volatile.Write(ref _movedTicks, now.Ticks);
            Volatile.Write(ref _carrier, pair);
            pair.Monitor.AskForAttention();
            return true;
        }

        foreach (RetiringKeys keys in Volatile.Read(ref _retiring))
        {
            if (keys.Pair == pair)
            {
                keys.NoteHeard(now);
            }
        }

        return false;
    }

    /// <summary>Control loop: whether traffic moved since it was asked last; what it moved from retires.</summary>
    internal bool TryTakeMove()
    {
        Peer carrier = Carrier;
        if (carrier == _previous)
        {
            return false;
        }

        var replaced = new RetiringKeys(_previous, TimeSpan.FromTicks(Volatile.Read(ref _movedTicks)));
        Volatile.Write(ref _retiring, [.. _retiring, replaced]);
        _previous = carrier;
        Volatile.Write(ref _next, null);
        return true;
    }

    /// <summary>Control loop: whether the next SA is to be probed now.</summary>
    internal bool TryTakeProbe(TimeSpan now)
    {
        if (Probed is null || now < _probeAt)
        {
            return false;
        }

        _probeAt = now + ProbeSpacing;
        return true;
    }

    /// <summary>Control loop: whether a pair has come to its end.</summary>
    internal bool HasEnded(TimeSpan now) => Retiring.Any(keys => keys.EndsAt <= now);

    /// <summary>Control loop: the peer without the pairs that have come to their end.</summary>
    internal Peer WithoutEnded(TimeSpan now) => Compose(Carrier, Probed, Retiring.Where(keys => keys.EndsAt > now), now);

    /// <summary>When the control loop has something to do, unless something happens before.</summary>
    internal TimeSpan DueAt
    {
        get
        {
            TimeSpan due = Probed is null ? TimeSpan.MaxValue : _probeAt;
            foreach (RetiringKeys keys in Retiring)
            {
                TimeSpan end = keys.EndsAt;
                due = end < due ? end : due;
            }

            return due;
        }
    }

    /// <summary>A peer of these pairs; without a rotation where one is all.</summary>
    internal static Peer Compose(Peer current, Peer? next, IEnumerable<RetiringKeys> retiring, TimeSpan now)
    {
        RetiringKeys[] old = [.. retiring];
        return next is null && old.Length == 0 ? current.In(null) : new KeyRotation(current, next, old, now).Carrier;
    }
}
