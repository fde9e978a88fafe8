using Microsoft.Extensions.Logging;
using NatT.Esp;
using NatT.Tests;
using NatT.Tunnel.Control;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Control;

/// <summary>What dies in front of the data paths is counted with what dies in them, and told without flooding the log.</summary>
public sealed class KernelQueuesTests : IDisposable
{
    private readonly ControlLab _lab = new();

    private TunnelEnd End => _lab.Tunnel.A;

    [Fact]
    [Produces(DropReason.DeviceQueueFull)]
    public void Packets_that_died_in_the_devices_queue_are_in_the_report_as_of_now()
    {
        End.Device.QueueDrops = 7;
        Assert.Equal(7, _lab.Reporter.Report().DropsOut["DeviceQueueFull"]);

        End.Device.QueueDrops = 12;
        Assert.Equal(12, _lab.Reporter.Report().DropsOut["DeviceQueueFull"]);
        Assert.Empty(_lab.Reporter.Report().DropsIn);
    }

    [Fact]
    [Produces(DropReason.SocketQueueFull)]
    public void Datagrams_that_died_in_the_sockets_queue_are_in_the_report_as_of_now()
    {
        End.Socket.QueueDrops = 5;

        StatusReport report = _lab.Reporter.Report();

        Assert.Equal(5, report.DropsIn["SocketQueueFull"]);
        Assert.Empty(report.DropsOut);
    }

    [Fact]
    public void First_drops_are_told_within_a_second_and_later_ones_once_a_minute()
    {
        _lab.Tunnel.Advance(TimeSpan.FromSeconds(1));
        End.Device.QueueDrops = 3;
        End.Socket.QueueDrops = 1;
        _lab.Tunnel.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(
            ["packets died in the kernel's queue of natt0: 3; this machine cannot keep up with what is to be sent",
            $"datagrams died in the kernel's queue of UDP {EndConf.OuterA}: 1; this machine cannot keep up with what arrives"],
            Warnings());

        End.Device.QueueDrops = 5;
        _lab.Tunnel.Advance(TimeSpan.FromSeconds(50));
        Assert.Equal(2, Warnings().Count);

        End.Device.QueueDrops = 10;
        _lab.Tunnel.Advance(TimeSpan.FromSeconds(15));
        Assert.StartsWith("packets died in the kernel's queue of natt0: 7;", Assert.Single(Warnings().Skip(2)), StringComparison.Ordinal);
    }

    [Fact]
    public void Summary_of_drops_names_them_too()
    {
        End.Device.QueueDrops = 3;

        _lab.Tunnel.Advance(TimeSpan.FromSeconds(65));

        Assert.Contains(
            End.Logger.Lines(LogLevel.Information),
            line => line.StartsWith("dropped since", StringComparison.Ordinal)
                && line.Contains("3 DeviceQueueFull", StringComparison.Ordinal));
    }

    public void Dispose() => _lab.Dispose();

    private List<string> Warnings() =>
        [.. End.Logger.Lines(LogLevel.Warning).Where(line => line.Contains("kernel's queue", StringComparison.Ordinal))];
}
