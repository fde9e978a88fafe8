using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.State;

namespace NatT.Hostile.Tests.Faults;

/// <summary>
/// A virtual machine is set back to an earlier snapshot of its disk, with the date right or set back too. That record is whole
/// and says too little, which nothing can tell by looking at it.
/// </summary>
[Collection(FaultCases.Name)]
public sealed class SnapshotTests(FaultTable table)
{
    private static readonly DateTimeOffset Today = new(2026, 11, 21, 0, 0, 0, TimeSpan.Zero);

    /// <summary>A probe a second, its answer, and a start in between.</summary>
    private static readonly TimeSpan WithoutRecord = TimeSpan.FromSeconds(3);

    public static TheoryData<string, bool> Snapshots
    {
        get
        {
            var snapshots = new TheoryData<string, bool>();
            foreach (string suite in FaultConf.Suites)
            {
                snapshots.Add(suite, false);
                snapshots.Add(suite, true);
            }

            return snapshots;
        }
    }

    [Theory]
    [MemberData(nameof(Snapshots))]
    public void Older_record(string suite, bool isClockSetBack) =>
        table.Judge($"older record, {(isClockSetBack ? "clock set back" : "right clock")}, {suite}", () =>
        {
            using var lab = new FaultLab(suite);
            lab.Tunnel.Time.Date = Today;
            lab.Exchange(100);
            byte[] snapshot = lab.DiskOfB.Octets;
            lab.Exchange(3000);
            Datagram[] session = lab.SessionToB;
            Datagram[] ownSession = lab.SessionToA;

            lab.DiskOfB.Octets = snapshot;
            lab.Tunnel.Time.Date = isClockSetBack ? Today.AddDays(-30) : Today.AddDays(30);
            lab.B.Reboot();
            Assert.Equal(0, lab.ReplayedInto(session));
            TimeSpan gap = lab.TimeToTraffic(WithoutRecord);
            Assert.Equal(0, lab.ReplayedInto(session));

            (int packets, int numbers, int nonces) = lab.Audit();
            Assert.Equal(0, nonces);
            Assert.Equal(0, lab.Tunnel.Time.DateAsked);
            string repeated = FaultConf.IsAead(suite) ? $"numbers used again {numbers}, nonces 0" : $"numbers used again {numbers}, under random IVs";
            // The far end followed a fresh answer down: to it these numbers are new, as SECURITY.md says.
            int taken = lab.ReplayedIntoA(ownSession);
            return $"numbers sent {packets}, {repeated}, accepted again 0 (by the far end, which cannot know: {taken}), gap {gap.TotalMilliseconds:F0} ms, clock asked 0 times";
        });

    [Theory]
    [InlineData("aes-gcm-16")]
    [InlineData("chacha20-poly1305")]
    public void Missing_record_of_an_AEAD(string suite) => table.Judge($"missing record, {suite}", () =>
    {
        using var machine = new CutMachine(suite);
        byte[] whole = machine.Disk.Octets;
        machine.Disk.Octets = [];
        machine.Restart();
        Assert.Null(machine.Live(new NumberAudit(), packets: 1));
        Assert.Empty(machine.Disk.Octets);

        machine.Disk.Octets = new byte[whole.Length];
        machine.Restart();
        Assert.Null(machine.Live(new NumberAudit(), packets: 1));
        return "does not start, missing or zeroed; numbers sent 0";
    });

    [Fact]
    public void Missing_record_of_CBC() => table.Judge("missing record, aes-cbc-hmac-sha256", () =>
    {
        using var lab = new FaultLab("aes-cbc-hmac-sha256");
        lab.Exchange(500);
        Datagram[] session = lab.SessionToB;

        lab.DiskOfB.Octets = [];
        lab.B.Reboot();
        Assert.Contains(
            lab.B.Logger.Lines(Microsoft.Extensions.Logging.LogLevel.Information),
            line => line.Contains("no record of these keys, so sequence numbers start at 1", StringComparison.Ordinal));
        Assert.Equal(0, lab.ReplayedInto(session));
        TimeSpan gap = lab.TimeToTraffic(WithoutRecord);
        Assert.Equal(0, lab.ReplayedInto(session));
        (int packets, int numbers, _) = lab.Audit();
        return $"says so; numbers sent {packets}, used again {numbers}, under random IVs, accepted again 0, gap {gap.TotalMilliseconds:F0} ms";
    });
}
