using NatT.Tunnel.Peers;

namespace NatT.Tunnel.DataPath;

/// <summary>The table of peers that a path's packets under way are of, and the one that was published since. The path's thread takes it up.</summary>
public sealed class PublishedPeers(PeerTable table)
{
    private PeerTable _published = table;
    private PeerTable _used = table;

    /// <summary>What the path uses.</summary>
    internal PeerTable Table => _used;

    /// <summary>Whether the path is to finish what is under way, and to <see cref="TakeUp"/>.</summary>
    internal bool IsOutdated => Volatile.Read(ref _published) != _used;

    /// <summary>Publishes another table, for the next round on. Any thread; whoever does it wakes the path.</summary>
    public void Publish(PeerTable newer) => Volatile.Write(ref _published, newer);

    /// <summary>Whether packets under way have nothing to do with any table but this one. Any thread.</summary>
    public bool Uses(PeerTable other) => Volatile.Read(ref _used) == other;

    /// <summary>Nothing is under way.</summary>
    internal void TakeUp() => Volatile.Write(ref _used, Volatile.Read(ref _published));
}
