namespace NatT.Tunnel.Peers;

/// <summary>
/// Finds the longest inner packet that the path carries, after RFC 8899: what the local interface lets pass is believed, and
/// checked by probes of that size. Only where they stay unanswered while short ones are answered, a search finds what passes.
/// No ICMP message has a part in it. Not thread-safe.
/// </summary>
/// <param name="omitted">Octets at a packet's start that are not sealed.</param>
public sealed class PathMtu(int omitted = 0)
{
    /// <summary>Every path carries so many: outer packets of 576 octets (RFC 791), less all that an outer IPv4 packet may have around the inner one.</summary>
    public const int Floor = 494;

    /// <summary>Nearly every path carries so many: outer packets of 1280 octets, less all that an outer IPv6 packet may have around the inner one.</summary>
    public const int Usual = 1182;

    /// <summary>Probes that must stay unanswered before the path is doubted.</summary>
    public const int Tries = 3;

    /// <summary>A peer gets at most one size probe in this time; an answer is awaited as long, or two round trips.</summary>
    public static readonly TimeSpan Spacing = TimeSpan.FromSeconds(1);

    /// <summary>Whether the path still carries what it did, and now more, is asked so often…</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(10);

    /// <summary>…but so soon after the local interface changed, and then after twice as long each time: the far end's may follow…</summary>
    public static readonly TimeSpan PeriodAfterChange = TimeSpan.FromSeconds(10);

    /// <summary>…and while long packets go, so often whether it still carries them…</summary>
    public static readonly TimeSpan TrafficPeriod = TimeSpan.FromSeconds(15);

    /// <summary>…and while the kernel refuses some, so often.</summary>
    public static readonly TimeSpan RefusalPeriod = TimeSpan.FromSeconds(2);

    /// <summary>The cipher's block: sizes between two whole numbers of blocks travel as the larger.</summary>
    private const int Block = 16;

    /// <summary>Pad length and next header, which share the last block.</summary>
    private const int Trailer = 2;

    private int _assumed;
    private bool _isAsked;
    private bool _mayRaise;
    private TimeSpan _period = Period;
    private TimeSpan _checkedAt;
    private TimeSpan _fullyCheckedAt;

    // The size asked about; 0: none. Known to pass: _low. Known not to pass: _high by one miss, _ceiling for good.
    private int _candidate;
    private bool _isSearching;
    private bool _isRaising;
    private bool _wasHighTriedAgain;
    private int _step;
    private int _misses;
    private int _low;
    private int _high;
    private int _ceiling;

    private TimeSpan? _lastSentAt;
    private bool _isAwaiting;
    private bool _wasWitnessWished;
    private bool _wishesWitness;

    // Probes in a row of which it never showed whether their size was at fault.
    private int _unwitnessed;

    /// <summary>Octets of the longest inner packet to send.</summary>
    public int Limit { get; private set; } = int.MaxValue;

    /// <summary>The local interface lets so many octets pass, from now on.</summary>
    public void Assume(int octets)
    {
        // A path that was found narrower than the interface is so until a probe tells otherwise.
        Limit = Limit < _assumed ? Math.Min(Limit, octets) : octets;
        _period = _assumed > 0 ? PeriodAfterChange : Period;
        _assumed = octets;
        AskForCheck();
    }

    /// <summary>The peer came up or moved: the path may be another.</summary>
    public void AskForCheck()
    {
        _isAsked = true;
        _unwitnessed += _isAwaiting ? 1 : 0;
        _candidate = 0;
        _isAwaiting = false;
    }

    /// <summary>Asks whether the path still carries <see cref="Limit"/>; false where that was asked within <paramref name="age"/>.</summary>
    public bool TryCheckAgain(TimeSpan now, TimeSpan age)
    {
        bool mayAsk = _assumed > 0 && _candidate == 0 && !_isAsked && now - _checkedAt >= age;
        if (mayAsk)
        {
            Begin(now, mayRaise: false);
        }

        return mayAsk;
    }

    /// <summary>When <see cref="TryCheckAgain"/> succeeds, unless something happens before.</summary>
    public TimeSpan CheckAgainAt(TimeSpan age) =>
        _assumed > 0 && _candidate == 0 && !_isAsked ? _checkedAt + age : TimeSpan.MaxValue;

    /// <summary>When <see cref="NextProbe"/> is to be asked next, unless something happens before; while a probe is overdue, all the time.</summary>
    public TimeSpan DueAt(TimeSpan now)
    {
        if (_assumed == 0 || _unwitnessed >= Tries)
        {
            return TimeSpan.MaxValue;
        }

        if (_candidate == 0)
        {
            return _isAsked ? now : _fullyCheckedAt + _period;
        }

        return _lastSentAt is TimeSpan sentAt && sentAt + Spacing > now ? sentAt + Spacing : now;
    }

    /// <summary>Octets of the probe to send now; 0: none.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="witness">The last short probe that was answered.</param>
    public int NextProbe(TimeSpan now, ProbeAnswer? witness)
    {
        if (_assumed == 0)
        {
            return 0;
        }

        bool answersAny = witness?.SentAt >= _lastSentAt;
        _unwitnessed = answersAny ? 0 : _unwitnessed;
        if (_unwitnessed >= Tries)
        {
            _candidate = 0;
            _isAwaiting = false;
            return 0;
        }

        if (_candidate == 0 && (_isAsked || now - _fullyCheckedAt >= _period))
        {
            _period = _isAsked ? _period : TimeSpan.FromTicks(Math.Min(2 * _period.Ticks, Period.Ticks));
            Begin(now, mayRaise: true);
        }

        if (_isAwaiting && !TryJudge(now, answersAny, witness?.RoundTrip ?? TimeSpan.Zero))
        {
            return 0;
        }

        if (_candidate == 0 || now - _lastSentAt < Spacing)
        {
            return 0;
        }

        _lastSentAt = now;
        _isAwaiting = true;
        _wasWitnessWished = false;
        return _candidate;
    }

    /// <summary>Whether a short probe should go now, to tell whether the peer answers any.</summary>
    public bool TryTakeWishForWitness()
    {
        bool wishes = _wishesWitness;
        _wishesWitness = false;
        return wishes;
    }

    /// <summary>A probe of so many octets was answered, in time or late.</summary>
    public void NoteAnswer(int size, TimeSpan now)
    {
        _unwitnessed = 0;
        if (_candidate == 0)
        {
            // Later than it was waited for.
            Limit = Math.Max(Limit, Math.Min(size, _assumed));
            return;
        }

        if (!_isSearching)
        {
            if (size >= Limit)
            {
                EndCheck(now);
            }

            return;
        }

        if (size > _low)
        {
            _low = size;
            _high = size >= _high ? _ceiling : _high;
            SearchOn(now);
        }
    }

    private void Begin(TimeSpan now, bool mayRaise)
    {
        _isAsked = false;
        _mayRaise = mayRaise;
        _fullyCheckedAt = mayRaise ? now : _fullyCheckedAt;
        _checkedAt = now;
        _isSearching = false;
        _misses = 0;
        _isAwaiting = false;
        _candidate = Limit;
    }

    /// <summary>True once it is clear what the silence since the last probe means.</summary>
    private bool TryJudge(TimeSpan now, bool answersAny, TimeSpan roundTrip)
    {
        TimeSpan waited = now - _lastSentAt ?? TimeSpan.Zero;
        if (waited < Spacing || waited < 2 * roundTrip)
        {
            return false;
        }

        if (answersAny)
        {
            NoteMiss(now);
            return true;
        }

        // Without a witness the peer may be gone, or answer no more, or all be lost for a while.
        _wishesWitness = !_wasWitnessWished;
        _wasWitnessWished = true;
        if (waited < ProbeLedger.Lifetime)
        {
            return false;
        }

        _unwitnessed++;
        _isAwaiting = false;
        return _unwitnessed < Tries;
    }

    private void NoteMiss(TimeSpan now)
    {
        _isAwaiting = false;
        if (_isSearching)
        {
            _high = _candidate;
            SearchOn(now);
        }
        else if (++_misses == Tries)
        {
            Search(Math.Min(Floor, Limit), ceiling: Limit, isRaising: false, now);
        }
    }

    private void EndCheck(TimeSpan now)
    {
        if (_mayRaise && Limit < _assumed)
        {
            Search(Limit, ceiling: _assumed + 1, isRaising: true, now);
        }
        else
        {
            End(now);
        }
    }

    private void Search(int low, int ceiling, bool isRaising, TimeSpan now)
    {
        _isSearching = true;
        _isRaising = isRaising;
        _wasHighTriedAgain = false;
        _step = 0;
        _low = low;
        _high = ceiling;
        _ceiling = ceiling;
        SearchOn(now);
    }

    private void SearchOn(TimeSpan now)
    {
        _isAwaiting = false;
        _candidate = NextCandidate();
        if (_candidate > 0)
        {
            return;
        }

        Limit = _low;
        if (_high < _ceiling && !_wasHighTriedAgain)
        {
            // That one miss may have been chance.
            _wasHighTriedAgain = true;
            _candidate = _high;
            return;
        }

        End(now);
    }

    private void End(TimeSpan now)
    {
        _candidate = 0;
        _isAwaiting = false;
        _isSearching = false;
        _checkedAt = now;
    }

    /// <summary>Between the bounds: first what is likeliest, then halves; 0: there is none.</summary>
    private int NextCandidate()
    {
        int likely = (_isRaising, _step++) switch
        {
            (true, 0) => _assumed,
            (true, 1) => WholeBlocks(_low + Block),
            (false, 0) => Usual,
            _ => 0,
        };
        int middle = Math.Max(WholeBlocks((_low + _high) / 2), WholeBlocks(_low + Block));
        int candidate = likely > _low && likely < _high ? likely : middle;
        return candidate < _high ? candidate : 0;
    }

    private int WholeBlocks(int octets) => octets - ((octets - omitted + Trailer) % Block);
}
