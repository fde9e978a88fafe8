using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.State;

namespace NatT.Hostile.Tests.Faults;

/// <summary>Restarts of all kinds, in memory: at one end a thousand times, and at both at once.</summary>
[Collection(FaultCases.Name)]
public sealed class RestartFaultTests(FaultTable table)
{
    private const int Restarts = 1000;
    private static readonly TimeSpan WithRecord = TimeSpan.FromSeconds(1);

    public enum Fault
    {
        CleanStop,
        Kill,
        PowerCut,
        TornRecord,
    }

    public static TheoryData<string> Suites => [.. FaultConf.Suites];

    [Theory]
    [MemberData(nameof(Suites))]
    public void A_thousand_in_a_row(string suite) => table.Judge($"a thousand restarts in a row, all kinds, {suite}", () =>
    {
        using var lab = new FaultLab(suite);
        lab.Exchange(40);
        TimeSpan longest = TimeSpan.Zero;
        int acceptedAgain = 0;
        for (int i = 0; i < Restarts; i++)
        {
            Apply((Fault)(i % 4), i % 8 < 4 ? lab.A : lab.B, i % 8 < 4 ? lab.DiskOfA : lab.DiskOfB);
            // Of all there is, what came last is what a window could take again.
            acceptedAgain += lab.ReplayedInto([.. lab.SessionToB.TakeLast(10)]);
            TimeSpan gap = lab.TimeToTraffic(WithRecord);
            longest = gap > longest ? gap : longest;
        }

        acceptedAgain += lab.ReplayedInto(lab.SessionToB);
        Assert.Equal(0, acceptedAgain);
        return $"restarts {Restarts}, {lab.AssertNoRepeats()}, accepted again 0, longest gap {longest.TotalMilliseconds:F0} ms";
    });

    [Theory]
    [MemberData(nameof(Suites))]
    public void Both_ends_at_once(string suite) => table.Judge($"both ends restarted at once, all pairs of kinds, {suite}", () =>
    {
        using var lab = new FaultLab(suite);
        TimeSpan longest = TimeSpan.Zero;
        int pairs = 0;
        foreach (Fault a in Enum.GetValues<Fault>())
        {
            foreach (Fault b in Enum.GetValues<Fault>())
            {
                lab.Exchange(100);
                Apply(a, lab.A, lab.DiskOfA);
                Apply(b, lab.B, lab.DiskOfB);
                Datagram[] session = lab.SessionToB;
                Assert.Equal(0, lab.ReplayedInto(session));
                TimeSpan gap = lab.TimeToTraffic(WithRecord);
                longest = gap > longest ? gap : longest;
                Assert.Equal(0, lab.ReplayedInto(session));
                pairs++;
            }
        }

        return $"pairs {pairs}, {lab.AssertNoRepeats()}, accepted again 0, longest gap {longest.TotalMilliseconds:F0} ms";
    });

    private static void Apply(Fault fault, TunnelEnd end, SimulatedDisk disk)
    {
        switch (fault)
        {
            case Fault.CleanStop:
                end.Restart();
                break;
            case Fault.Kill:
                end.Kill();
                break;
            case Fault.PowerCut:
                end.Reboot();
                break;
            default:
                disk.Octets = [.. disk.Octets, (byte)'N', (byte)'T', (byte)'J'];
                end.Reboot();
                break;
        }
    }
}
