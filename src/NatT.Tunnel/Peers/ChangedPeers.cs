namespace NatT.Tunnel.Peers;

/// <summary>The peers after a reload, and what there is to say and to do once they are published.</summary>
internal sealed class ChangedPeers
{
    private readonly List<Peer> _peers = [];
    private readonly List<string> _lines = [];
    private readonly List<Action> _afterwards = [];

    public IReadOnlyList<Peer> Peers => _peers;

    /// <summary>One a change.</summary>
    public IReadOnlyList<string> Lines => _lines;

    public void Add(Peer peer, string? line)
    {
        _peers.Add(peer);
        if (line is not null)
        {
            Say(line);
        }
    }

    public void Say(string line) => _lines.Add(line);

    public void Afterwards(Action action) => _afterwards.Add(action);

    /// <summary>The peers are published.</summary>
    public void Finish() => _afterwards.ForEach(action => action());
}
