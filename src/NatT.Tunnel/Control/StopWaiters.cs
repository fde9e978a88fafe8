namespace NatT.Tunnel.Control;

/// <summary>
/// Connections whose other ends asked for a stop and wait until it is complete: they see it by the connection's end.
/// Disposed last of all. Any thread.
/// </summary>
public sealed class StopWaiters : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<IDisposable> _connections = [];

    public void Dispose()
    {
        lock (_gate)
        {
            _connections.ForEach(connection => connection.Dispose());
            _connections.Clear();
        }
    }

    internal void Add(IDisposable connection)
    {
        lock (_gate)
        {
            _connections.Add(connection);
        }
    }
}
