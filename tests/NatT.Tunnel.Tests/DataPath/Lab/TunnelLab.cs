using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>Two ends and the network between them. Nothing happens but what a test makes happen.</summary>
internal sealed class TunnelLab : IDisposable
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private byte _nextMark = 1;

    /// <param name="both">Lines for both confs.</param>
    /// <param name="a">More lines for A's.</param>
    /// <param name="b">More lines for B's.</param>
    /// <param name="aKnowsB">A starts with B's address.</param>
    /// <param name="bKnowsA">B starts with A's address.</param>
    /// <param name="diskOfA">Holds A's journal.</param>
    public TunnelLab(
        string[]? both = null,
        string[]? a = null,
        string[]? b = null,
        bool aKnowsB = true,
        bool bKnowsA = true,
        SimulatedDisk? diskOfA = null)
    {
        string[] common = both ?? [];
        A = new TunnelEnd(
            Network, Time, EndConf.OfA([.. common, .. a ?? []]), EndConf.OuterA, aKnowsB ? EndConf.OuterB : null, diskOfA);
        B = new TunnelEnd(Network, Time, EndConf.OfB([.. common, .. b ?? []]), EndConf.OuterB, bKnowsA ? EndConf.OuterA : null);
    }

    /// <param name="a">A's conf; each end knows where the other is.</param>
    /// <param name="b">B's.</param>
    /// <param name="diskOfA">Holds A's journal.</param>
    /// <param name="diskOfB">Holds B's.</param>
    public TunnelLab(PeerConf a, PeerConf b, SimulatedDisk? diskOfA = null, SimulatedDisk? diskOfB = null)
    {
        A = new TunnelEnd(Network, Time, a, EndConf.OuterA, EndConf.OuterB, diskOfA);
        B = new TunnelEnd(Network, Time, b, EndConf.OuterB, EndConf.OuterA, diskOfB);
    }

    public ManualTimeProvider Time { get; } = new();

    public InMemoryNetwork Network { get; } = new();

    public TunnelEnd A { get; }

    public TunnelEnd B { get; }

    public TimeSpan Now => Time.GetElapsedTime(0);

    /// <summary>A lab whose ends have exchanged their probes.</summary>
    public static TunnelLab Established(params string[] both)
    {
        var lab = new TunnelLab(both);
        lab.ExchangeProbes();
        return lab;
    }

    /// <summary>Long enough for every probe that is due to go, and its answer to come back.</summary>
    public void ExchangeProbes() => Advance(TimeSpan.FromSeconds(3));

    /// <summary>Lets time pass in small steps, each end doing what is due.</summary>
    public void Advance(TimeSpan span)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < span; passed += Step)
        {
            A.Tick();
            B.Tick();
            Settle();
            Time.Advance(Step);
        }
    }

    /// <summary>Moves packets until all have arrived; no time passes.</summary>
    public void Settle()
    {
        int rounds = 0;
        while (A.RunOnce() | B.RunOnce())
        {
            Assert.True(++rounds < 10_000, "The ends send each other packets for ever.");
        }
    }

    /// <summary>Delivers datagrams that were sent before, and lets the ends react.</summary>
    public void Replay(IEnumerable<Datagram> datagrams)
    {
        foreach (Datagram datagram in datagrams.ToArray())
        {
            Network.Deliver(datagram);
        }

        Settle();
    }

    /// <summary>Sends an IPv4 packet that is not like any other and tells whether it came out once at the other end.</summary>
    public bool Carries(TunnelEnd from, TunnelEnd to)
    {
        byte[] packet = from == A
            ? InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100, mark: _nextMark++)
            : InnerPackets.Udp(EndConf.InnerB, EndConf.InnerA, 100, mark: _nextMark++);
        from.Device.Push(packet);
        Settle();
        return to.Device.Delivered.Count(delivered => delivered.AsSpan().SequenceEqual(packet)) == 1;
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }
}
