using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Tunnel.Control;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.DataPath;

/// <summary>Datagrams that came together, and the inner packets that are left of them.</summary>
internal sealed class InboundBatch : CipherWork
{
    /// <summary>Room for as many datagrams as a receive call brings: some 32 messages, each a datagram or up to 64 merged ones.</summary>
    public const int Capacity = 2048;

    /// <summary>Octets of all of them, with room to receive one more of any length.</summary>
    public const int Size = 34 * PacketBatch.LargestPacket;

    public PacketBatch Datagrams { get; } = new(Capacity, Size);

    public JobLanes<OpenJob> Lanes { get; } = new(Capacity);

    public Arrival[] Arrivals { get; } = new Arrival[Capacity];

    public int ArrivalCount { get; set; }

    /// <summary>Of each inner packet that is left in the batch, whose counters it goes to.</summary>
    public PathCounters[] Survivors { get; } = new PathCounters[Capacity];

    /// <summary>When it came; monotonic.</summary>
    public TimeSpan ReceivedAt { get; set; }

    public void Clear()
    {
        Datagrams.Clear();
        Lanes.Clear();
        ArrivalCount = 0;
    }

    protected override void RunCipher()
    {
        foreach (JobLane<OpenJob> lane in Lanes.All)
        {
            lane.Suite.Open(Datagrams.Buffer, lane.Jobs);
        }
    }

    /// <summary>A datagram that may be a peer's, and where its job is.</summary>
    public record struct Arrival(Peer Peer, PacketSlot Datagram, UdpFraming Framing)
    {
        public JobLane<OpenJob> Lane { get; set; } = null!;

        public int Job { get; set; }

        public ulong Number { get; set; }

        public bool IsCommitted { get; set; }
    }
}
