using NatT.Crypto;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.DataPath;

/// <summary>Packets on their way out together, and the datagrams they become.</summary>
internal sealed class OutboundBatch : CipherWork
{
    /// <summary>Octets that sealing adds to a packet at most: marker, header, IV, padding, trailer and ICV of any suite.</summary>
    private const int MostOverhead = 128;

    /// <summary>From the device, or from the control side.</summary>
    public PacketBatch Packets { get; } = new();

    public PacketBatch Datagrams { get; } = new(size: (4 * PacketBatch.LargestPacket) + (PacketBatch.DefaultCapacity * MostOverhead));

    /// <summary>Whose each of the device's packets is; null: nobody's.</summary>
    public Peer?[] Peers { get; } = new Peer?[PacketBatch.DefaultCapacity];

    /// <summary>One a datagram.</summary>
    public Departure[] Departures { get; } = new Departure[PacketBatch.DefaultCapacity];

    public JobLanes<SealJob> Lanes { get; } = new(PacketBatch.DefaultCapacity);

    /// <summary>Seals what was prepared, which lies in <paramref name="source"/>.</summary>
    public void Seal(PacketBatch source)
    {
        foreach (JobLane<SealJob> lane in Lanes.All)
        {
            lane.Suite.Seal(source.Buffer, Datagrams.Buffer, lane.Jobs);
        }
    }

    /// <summary>Makes room for other datagrams; packets stay.</summary>
    public void ClearDatagrams()
    {
        Datagrams.Clear();
        Lanes.Clear();
    }

    protected override void RunCipher() => Seal(Packets);

    /// <summary>Whose datagram it is, and how long the packet in it; 0: a keepalive.</summary>
    public readonly record struct Departure(Peer Peer, int InnerLength);
}
