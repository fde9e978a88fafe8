using System.Buffers.Binary;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.State;

namespace NatT.Hostile.Tests.Faults;

/// <summary>Two whole ends in memory on disks that a test may spoil, and an eavesdropper who has all that was sent.</summary>
internal sealed class FaultLab : IDisposable
{
    private const int MarkerSize = 8;
    private const int ShortestPacket = 24;

    private readonly bool _isAead;

    public FaultLab(string suite)
    {
        _isAead = FaultConf.IsAead(suite);
        Tunnel = new TunnelLab(FaultConf.OfA(suite), FaultConf.OfB(suite), DiskOfA, DiskOfB);
        Tunnel.ExchangeProbes();
    }

    public SimulatedDisk DiskOfA { get; } = new();

    public SimulatedDisk DiskOfB { get; } = new();

    public TunnelLab Tunnel { get; }

    public TunnelEnd A => Tunnel.A;

    public TunnelEnd B => Tunnel.B;

    /// <summary>Every datagram to B so far.</summary>
    public Datagram[] SessionToB => [.. Tunnel.Network.Recorded.Where(datagram => datagram.To == EndConf.OuterB)];

    /// <summary>Every datagram to A so far.</summary>
    public Datagram[] SessionToA => [.. Tunnel.Network.Recorded.Where(datagram => datagram.To == EndConf.OuterA)];

    /// <summary>So many packets each way.</summary>
    public void Exchange(int packets)
    {
        for (int i = 0; i < packets; i++)
        {
            A.Device.Push(InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 90));
            B.Device.Push(InnerPackets.Udp(EndConf.InnerB, EndConf.InnerA, 90));
        }

        Tunnel.Settle();
    }

    /// <summary>Replays datagrams to B and tells how many came out of its device.</summary>
    public int ReplayedInto(Datagram[] session) => ReplayedInto(B, session);

    /// <summary>The same to A.</summary>
    public int ReplayedIntoA(Datagram[] session) => ReplayedInto(A, session);

    /// <summary>How long, in the lab's time, until a packet passes each way; fails past <paramref name="limit"/>.</summary>
    public TimeSpan TimeToTraffic(TimeSpan limit)
    {
        TimeSpan start = Tunnel.Now;
        while (!(Tunnel.Carries(A, B) & Tunnel.Carries(B, A)))
        {
            Assert.True(Tunnel.Now - start <= limit, $"no traffic {(Tunnel.Now - start).TotalSeconds} s after the fault");
            Tunnel.Advance(TimeSpan.FromMilliseconds(100));
            A.Device.Delivered.Clear();
            B.Device.Delivered.Clear();
        }

        return Tunnel.Now - start;
    }

    /// <summary>Packets sent, how many of them had the SPI and number, and how many the SPI and nonce, of one before.</summary>
    public (int Packets, int RepeatedNumbers, int RepeatedNonces) Audit()
    {
        var numbers = new HashSet<(uint, uint)>();
        var nonces = new HashSet<(uint, ulong)>();
        (int packets, int repeatedNumbers, int repeatedNonces) = (0, 0, 0);
        foreach (Datagram datagram in Tunnel.Network.Recorded.Where(datagram => datagram.Octets.Length > ShortestPacket))
        {
            ReadOnlySpan<byte> packet = datagram.Octets;
            packet = BinaryPrimitives.ReadUInt32BigEndian(packet) == 0 ? packet[MarkerSize..] : packet;
            uint spi = BinaryPrimitives.ReadUInt32BigEndian(packet);
            packets++;
            repeatedNumbers += numbers.Add((spi, EspHeader.ReadSequenceNumber(packet))) ? 0 : 1;
            repeatedNonces += !_isAead || nonces.Add((spi, BinaryPrimitives.ReadUInt64BigEndian(packet[EspHeader.Size..]))) ? 0 : 1;
        }

        return (packets, repeatedNumbers, repeatedNonces);
    }

    /// <summary>No number and no nonce came twice; says how many there were.</summary>
    public string AssertNoRepeats()
    {
        (int packets, int numbers, int nonces) = Audit();
        Assert.Equal((0, 0), (numbers, nonces));
        return $"numbers sent {packets}, repeats 0";
    }

    private int ReplayedInto(TunnelEnd end, Datagram[] session)
    {
        int before = end.Device.Delivered.Count;
        Tunnel.Replay(session);
        return end.Device.Delivered.Count - before;
    }

    public void Dispose()
    {
        Tunnel.Dispose();
        DiskOfA.Dispose();
        DiskOfB.Dispose();
    }
}
