using Microsoft.Extensions.Logging;
using NatT.Esp;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.State;

namespace NatT.Hostile.Tests.Faults;

/// <summary>The 32-bit numbers of a key come to their end.</summary>
[Collection(FaultCases.Name)]
public sealed class ExhaustionTests(FaultTable table)
{
    private const string Warning = "needs new keys soon";
    private const uint NineTenths = uint.MaxValue / 10 * 9;

    [Fact]
    public void Warning_at_nine_tenths() => table.Judge("nine tenths of the numbers used", () =>
    {
        using SimulatedDisk disk = SequenceRecord.OfA(NineTenths - 50);
        using var lab = new TunnelLab(diskOfA: disk);
        lab.ExchangeProbes();
        Assert.DoesNotContain(Warnings(lab), line => line.Contains(Warning, StringComparison.Ordinal));

        for (int i = 0; i < 100; i++)
        {
            lab.Carries(lab.A, lab.B);
        }

        lab.Advance(TimeSpan.FromSeconds(20));
        Assert.Single(Warnings(lab), line => line.Contains(Warning, StringComparison.Ordinal));
        return $"warnings before {NineTenths}: 0, after: 1";
    });

    [Fact]
    public void Stop_before_two_to_the_32() => table.Judge("all numbers used, then a restart", () =>
    {
        using SimulatedDisk disk = SequenceRecord.OfA(uint.MaxValue - 20);
        using var lab = new TunnelLab(diskOfA: disk);
        lab.ExchangeProbes();
        for (int i = 0; i < 40; i++)
        {
            lab.Carries(lab.A, lab.B);
        }

        Assert.Equal(uint.MaxValue, lab.B.Peer.Inbound.Top);
        long dropped = lab.A.OutboundDrops(DropReason.SequenceExhausted);
        Assert.True(dropped > 0);
        int sent = lab.Network.Recorded.Count(datagram => datagram.From == EndConf.OuterA && datagram.Octets.Length > 1);

        lab.A.Kill();
        Assert.False(lab.Carries(lab.A, lab.B));
        lab.A.Restart();
        Assert.False(lab.Carries(lab.A, lab.B));

        Assert.Equal(sent, lab.Network.Recorded.Count(datagram => datagram.From == EndConf.OuterA && datagram.Octets.Length > 1));
        return $"last number {uint.MaxValue}, SequenceExhausted {dropped}, sent after a restart 0";
    });

    private static IReadOnlyList<string> Warnings(TunnelLab lab) => lab.A.Logger.Lines(LogLevel.Warning);
}
