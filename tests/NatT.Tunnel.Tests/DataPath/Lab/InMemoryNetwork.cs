using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>Carries datagrams between in-memory sockets at once and in order, and writes every one down.</summary>
internal sealed class InMemoryNetwork
{
    private readonly Dictionary<OuterEndpoint, InMemorySocket> _sockets = [];

    /// <summary>All that was sent, delivered or not: what an eavesdropper has.</summary>
    public List<Datagram> Recorded { get; } = [];

    /// <summary>False for a datagram that does not arrive; null: all do.</summary>
    public Predicate<Datagram>? Passes { get; set; }

    public InMemorySocket Bind(OuterEndpoint address)
    {
        var socket = new InMemorySocket(this, address);
        _sockets[address] = socket;
        return socket;
    }

    /// <summary>The socket's NAT gives it another address; what goes to the old one is lost.</summary>
    public void Move(InMemorySocket socket, OuterEndpoint address)
    {
        _sockets.Remove(socket.LocalEndpoint);
        socket.LocalEndpoint = address;
        _sockets[address] = socket;
    }

    public void Send(Datagram datagram)
    {
        Recorded.Add(datagram);
        if (Passes?.Invoke(datagram) ?? true)
        {
            Deliver(datagram);
        }
    }

    /// <summary>Puts a datagram before its receiver, whoever made it up, unrecorded.</summary>
    public void Deliver(Datagram datagram)
    {
        if (_sockets.TryGetValue(datagram.To, out InMemorySocket? socket))
        {
            socket.Arrived.Enqueue(datagram);
        }
    }
}
