namespace NatT.Tunnel.Control;

/// <summary>When each peer is to be looked at next: a heap that knows where each peer is in it. Not thread-safe.</summary>
internal sealed class PeerAgenda
{
    private TimeSpan[] _due;

    // Peers, none due before the one at half its index; and each peer's index.
    private int[] _heap;
    private int[] _places;

    /// <summary>All peers are due at once: at time 0, from which on there is time.</summary>
    public PeerAgenda(int peers)
    {
        _due = new TimeSpan[peers];
        _heap = new int[peers];
        _places = new int[peers];
        for (int i = 0; i < peers; i++)
        {
            _heap[i] = _places[i] = i;
        }
    }

    /// <summary>When the first is due; never, where there are no peers.</summary>
    public TimeSpan NextDue => _heap.Length == 0 ? TimeSpan.MaxValue : _due[_heap[0]];

    /// <summary>Which is due first.</summary>
    public int Next => _heap[0];

    /// <summary>Adds peers until there are so many; they are due at once.</summary>
    public void Grow(int peers)
    {
        int before = _heap.Length;
        if (peers <= before)
        {
            return;
        }

        Array.Resize(ref _due, peers);
        Array.Resize(ref _heap, peers);
        Array.Resize(ref _places, peers);
        for (int i = before; i < peers; i++)
        {
            _due[i] = TimeSpan.MaxValue;
            Put(i, i);
            Set(i, TimeSpan.MinValue);
        }
    }

    /// <summary>The peer is due at this time, no later and no sooner.</summary>
    public void Set(int peer, TimeSpan due)
    {
        bool isSooner = due < _due[peer];
        _due[peer] = due;
        if (isSooner)
        {
            Rise(peer);
        }
        else
        {
            Sink(peer);
        }
    }

    /// <summary>The peer is due at this time, unless it is sooner.</summary>
    public void Hasten(int peer, TimeSpan due)
    {
        if (due < _due[peer])
        {
            Set(peer, due);
        }
    }

    private void Rise(int peer)
    {
        int place = _places[peer];
        while (place > 0 && _due[_heap[(place - 1) / 2]] > _due[peer])
        {
            Put(_heap[(place - 1) / 2], place);
            place = (place - 1) / 2;
        }

        Put(peer, place);
    }

    private void Sink(int peer)
    {
        int place = _places[peer];
        while ((2 * place) + 1 < _heap.Length)
        {
            int child = (2 * place) + 1;
            if (child + 1 < _heap.Length && _due[_heap[child + 1]] < _due[_heap[child]])
            {
                child++;
            }

            if (_due[_heap[child]] >= _due[peer])
            {
                break;
            }

            Put(_heap[child], place);
            place = child;
        }

        Put(peer, place);
    }

    private void Put(int peer, int place)
    {
        _heap[place] = peer;
        _places[peer] = place;
    }
}
