using Microsoft.Extensions.Logging;
using NatT.Esp;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Control;

/// <summary>
/// The kernel's queues in front of the data paths: takes what died in them over into the paths' counters, and says that it did.
/// </summary>
/// <param name="device">Its queue holds what is to leave.</param>
/// <param name="socket">Its queue holds what arrived.</param>
/// <param name="outbound">Gets the device's drops.</param>
/// <param name="inbound">Gets the socket's.</param>
/// <param name="logger">Is told at once, and again a minute later at the earliest.</param>
public sealed class KernelQueues(
    ITunDevice device, IDatagramSocket socket, PathCounters outbound, PathCounters inbound, ILogger logger)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WarningPeriod = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private TimeSpan _nextWarning;
    private long _deviceDropsTold;
    private long _socketDropsTold;

    /// <summary>When <see cref="Tick"/> looks next.</summary>
    public TimeSpan NextLook { get; private set; }

    /// <summary>Brings the counters up to now. Any thread.</summary>
    public void Update()
    {
        lock (_gate)
        {
            outbound.SetDrops(DropReason.DeviceQueueFull, device.ReadQueueDrops());
            inbound.SetDrops(DropReason.SocketQueueFull, socket.ReadQueueDrops());
        }
    }

    /// <summary>Looks once a second, and warns. The control loop's thread.</summary>
    public void Tick(TimeSpan now)
    {
        if (now < NextLook)
        {
            return;
        }

        NextLook = now + LookPeriod;
        Update();
        if (now >= _nextWarning && (WarnOfDevice() | WarnOfSocket()))
        {
            _nextWarning = now + WarningPeriod;
        }
    }

    private bool WarnOfDevice()
    {
        long fresh = outbound.Drops(DropReason.DeviceQueueFull) - _deviceDropsTold;
        if (fresh > 0)
        {
            _deviceDropsTold += fresh;
            TunnelLog.DeviceQueueFull(logger, device.Name, fresh);
        }

        return fresh > 0;
    }

    private bool WarnOfSocket()
    {
        long fresh = inbound.Drops(DropReason.SocketQueueFull) - _socketDropsTold;
        if (fresh > 0)
        {
            _socketDropsTold += fresh;
            TunnelLog.SocketQueueFull(logger, socket.LocalEndpoint, fresh);
        }

        return fresh > 0;
    }
}
