using System.Runtime.InteropServices;
using NatT.Linux.Interop;
using NatT.Tunnel.DataPath;

namespace NatT.Linux;

/// <summary>
/// A Linux TUN device: one system call a packet, no offloads. It vanishes on disposal, with its addresses and routes,
/// unless it is persistent. One thread reads, one writes; dispose it when both have returned.
/// </summary>
public sealed partial class TunDevice : ITunDevice
{
    /// <summary>
    /// Packets that wait to be read. The kernel's 500 are 28 ms of 200 Mbit/s, less than a busy machine keeps a thread waiting,
    /// and what finds the queue full dies: nothing tells the sender to wait.
    /// </summary>
    public const int QueueLength = 4096;

    private const string CloneDevice = "/dev/net/tun";

    private readonly Descriptor _tun;
    private readonly WakeEvent _wake;

    private readonly Lock _dropsLock = new();
    private readonly RouteNetlink _netlink;
    private readonly ulong _dropsBefore;
    private long _drops;

    private TunDevice(Descriptor tun, WakeEvent wake, RouteNetlink netlink, string name, bool isPersistent, int interfaceIndex)
    {
        _tun = tun;
        _wake = wake;
        Name = name;
        IsPersistent = isPersistent;
        InterfaceIndex = interfaceIndex;
        _netlink = netlink;
        _dropsBefore = netlink.FindTransmitDrops(interfaceIndex) ?? 0;
    }

    public string Name { get; }

    /// <summary>Whether the device was there before and stays: its owner configured it, so it is used as it is.</summary>
    public bool IsPersistent { get; }

    public int InterfaceIndex { get; }

    /// <summary>Octets, read from the kernel at each call.</summary>
    public int Mtu
    {
        get
        {
            using var netlink = new RouteNetlink();
            return netlink.LinkMtu(Name) ?? throw Vanished("RTM_GETLINK", Errno.ENODEV);
        }
    }

    /// <summary>Creates the device, or attaches to a persistent one of that name.</summary>
    /// <exception cref="LinuxException">It cannot be had; the message says what to do.</exception>
    public static TunDevice Open(string name)
    {
        RequireInterfaceName(name);
        Descriptor tun = OpenCloneDevice();
        WakeEvent? wake = null;
        RouteNetlink? netlink = null;
        try
        {
            bool isPersistent = Attach(tun, name);
            netlink = new RouteNetlink();
            int index = netlink.LinkIndex(name) ?? throw new LinuxException("RTM_GETLINK", Errno.ENODEV, $"device {name} vanished at once");
            wake = new WakeEvent();
            return new TunDevice(tun, wake, netlink, name, isPersistent, index);
        }
        catch
        {
            netlink?.Dispose();
            wake?.Dispose();
            tun.Dispose();
            throw;
        }
    }

    /// <summary>Finds out whether <see cref="Open"/> would succeed, as far as that shows without making the device.</summary>
    /// <returns>Whether a persistent device of that name waits to be used.</returns>
    /// <exception cref="LinuxException">It would not; the message is the same.</exception>
    public static bool RequireOpenable(string name)
    {
        RequireInterfaceName(name);
        OpenCloneDevice().Dispose();
        using var netlink = new RouteNetlink();
        return netlink.FindLink(name) switch
        {
            { IsTun: false } => throw CannotAttach(name, Errno.EINVAL),
            { IsPersistent: false } => throw CannotAttach(name, Errno.EBUSY),
            null when !ProcessCapabilities.Has(Capability.NetAdmin) => throw CannotAttach(name, Errno.EPERM),
            var link => link is not null,
        };
    }

    /// <inheritdoc/>
    /// <remarks>A slot must hold the device's MTU.</remarks>
    /// <exception cref="LinuxException">The device is gone.</exception>
    public void Read(PacketBatch packets)
    {
        ArgumentNullException.ThrowIfNull(packets);
        int before = packets.Count;
        while (!packets.IsFull)
        {
            Span<byte> slot = packets.Free;
            nint length = Libc.read(_tun, ref MemoryMarshal.GetReference(slot), (nuint)slot.Length);
            if (length > 0)
            {
                packets.Add((int)length);
                continue;
            }

            Errno error = length == 0 ? Errno.EAGAIN : Libc.LastError;
            if (error == Errno.EINTR)
            {
                continue;
            }

            if (error != Errno.EAGAIN)
            {
                throw Vanished("read", error);
            }

            if (packets.Count > before || !_wake.WaitUntilReadable(_tun))
            {
                return;
            }
        }
    }

    public int Write(PacketBatch packets)
    {
        ArgumentNullException.ThrowIfNull(packets);
        int refused = 0;
        for (int i = 0; i < packets.Count; i++)
        {
            ReadOnlySpan<byte> packet = packets.Packet(i);

            // Malformed for the kernel (EINVAL), device down (EIO), no memory (ENOBUFS), gone (EBADFD): one lost packet,
            // as on any link. A device that is gone shows in Read.
            if (Libc.write(_tun, in MemoryMarshal.GetReference(packet), (nuint)packet.Length) < 0)
            {
                packets[i].IsRefused = true;
                refused++;
            }
        }

        return refused;
    }

    public long ReadQueueDrops()
    {
        lock (_dropsLock)
        {
            if (_netlink.FindTransmitDrops(InterfaceIndex) is ulong drops)
            {
                _drops = (long)(drops - _dropsBefore);
            }

            return _drops;
        }
    }

    public void Wake() => _wake.Wake();

    public void Dispose()
    {
        _tun.Dispose();
        _wake.Dispose();
        _netlink.Dispose();
    }

    private static Descriptor OpenCloneDevice()
    {
        var tun = new Descriptor(Libc.open(CloneDevice, Libc.O_RDWR | Libc.O_NONBLOCK | Libc.O_CLOEXEC));
        return tun.IsInvalid ? throw CannotOpenCloneDevice(Libc.LastError) : tun;
    }

    /// <summary>Makes the descriptor the device's queue and tells whether the device is persistent.</summary>
    private static bool Attach(Descriptor tun, string name)
    {
        var request = new InterfaceRequest(name, Libc.IFF_TUN | Libc.IFF_NO_PI);
        if (Libc.ioctl(tun, Libc.TUNSETIFF, ref request) < 0)
        {
            throw CannotAttach(name, Libc.LastError);
        }

        if (Libc.ioctl(tun, Libc.TUNGETIFF, ref request) < 0)
        {
            throw LinuxException.FromLastError("TUNGETIFF", $"cannot read the flags of {name}");
        }

        // A device that exists without being persistent has a process attached, and TUNSETIFF would have said EBUSY.
        return (request.Flags & Libc.IFF_PERSIST) != 0;
    }
}
