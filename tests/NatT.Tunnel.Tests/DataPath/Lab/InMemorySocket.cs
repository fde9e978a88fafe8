using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>A socket that never blocks: it returns what has arrived.</summary>
internal sealed class InMemorySocket(InMemoryNetwork network, OuterEndpoint address) : IDatagramSocket
{
    public OuterEndpoint LocalEndpoint { get; set; } = address;

    public Queue<Datagram> Arrived { get; } = [];

    /// <summary>Datagrams of each <see cref="Send"/> that the kernel refuses, the first ones.</summary>
    public int Refuses { get; set; }

    /// <summary>What is sent goes nowhere and is not recorded: for measuring.</summary>
    public bool IsSink { get; set; }

    /// <summary>Datagrams that its queue had no room for.</summary>
    public long QueueDrops { get; set; }

    public long ReadQueueDrops() => QueueDrops;

    public void Receive(PacketBatch datagrams, bool waits = true)
    {
        while (!datagrams.IsFull && Arrived.TryDequeue(out Datagram? datagram))
        {
            datagram.Octets.CopyTo(datagrams.Free);
            ref PacketSlot slot = ref datagrams.Add(datagram.Octets.Length);
            slot.Remote = datagram.From;
            slot.TrafficClass = datagram.TrafficClass;
        }
    }

    public int Send(PacketBatch datagrams)
    {
        int refused = Math.Min(Refuses, datagrams.Count);
        for (int i = 0; i < refused; i++)
        {
            datagrams[i].IsRefused = true;
        }

        for (int i = refused; i < datagrams.Count && !IsSink; i++)
        {
            network.Send(new Datagram(LocalEndpoint, datagrams[i].Remote, datagrams.Packet(i).ToArray(), datagrams[i].TrafficClass));
        }

        return refused;
    }

    public void Wake()
    {
    }

    public void Dispose()
    {
    }
}
