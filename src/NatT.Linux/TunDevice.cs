using System.Runtime.InteropServices;
using NatT.Linux.Interop;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Segmentation;

namespace NatT.Linux;

/// <summary>
/// A Linux TUN device, with whatever offloads the kernel has for it. It vanishes on disposal, with its addresses and routes,
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
    private readonly TunOffloads _offloads;
    private readonly WakeEvent _wake;

    private readonly Lock _dropsLock = new();
    private readonly RouteNetlink _netlink;
    private readonly ulong _dropsBefore;
    private long _drops;

    private TunDevice(
        Descriptor tun,
        TunOffloads offloads,
        WakeEvent wake,
        RouteNetlink netlink,
        string name,
        bool isPersistent,
        int interfaceIndex,
        Action<string> degraded)
    {
        _tun = tun;
        _offloads = offloads;
        _mergesTcp = offloads.MergesTcp;
        _mergesUdp = offloads.MergesUdp;
        _degraded = degraded;
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
    /// <param name="name">At most 15 characters.</param>
    /// <param name="offloads">Whether to move many packets in one where the kernel can.</param>
    /// <param name="degraded">Told once about each offload that the kernel takes back at run time; the writing thread.</param>
    /// <exception cref="LinuxException">It cannot be had; the message says what to do.</exception>
    public static TunDevice Open(string name, bool offloads = true, Action<string>? degraded = null)
    {
        RequireInterfaceName(name);
        Descriptor tun = OpenCloneDevice();
        WakeEvent? wake = null;
        RouteNetlink? netlink = null;
        try
        {
            bool isPersistent = Attach(tun, name, offloads, out TunOffloads granted);
            netlink = new RouteNetlink();
            int index = netlink.LinkIndex(name) ?? throw new LinuxException("RTM_GETLINK", Errno.ENODEV, $"device {name} vanished at once");
            wake = new WakeEvent();
            return new TunDevice(tun, granted, wake, netlink, name, isPersistent, index, degraded ?? (_ => { }));
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
    /// <exception cref="LinuxException">The device is gone.</exception>
    public void Read(PacketBatch packets, bool waits = true)
    {
        ArgumentNullException.ThrowIfNull(packets);
        int before = packets.Count;
        while (!packets.IsFull)
        {
            Span<byte> free = packets.Free;
            nint length = Libc.read(_tun, ref MemoryMarshal.GetReference(free), (nuint)free.Length);
            if (length > _offloads.HeaderSize)
            {
                VirtioHeader header = _offloads.HeaderSize > 0 ? VirtioHeader.Read(free) : default;
                packets.Take(_offloads.HeaderSize);
                packets.Add((int)length - _offloads.HeaderSize).Offload = header;
                continue;
            }

            Errno error = length >= 0 ? Errno.EAGAIN : Libc.LastError;
            if (error == Errno.EINTR)
            {
                continue;
            }

            if (error != Errno.EAGAIN)
            {
                throw Vanished("read", error);
            }

            if (packets.Count > before || !waits || !_wake.WaitUntilReadable(_tun))
            {
                return;
            }
        }
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
        if (IsPersistent)
        {
            // Whoever uses it next may not ask for offloads, and must not get super-packets then.
            TunOffloads.Release(_tun);
        }

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
    private static bool Attach(Descriptor tun, string name, bool offloads, out TunOffloads granted)
    {
        const short flags = Libc.IFF_TUN | Libc.IFF_NO_PI;
        const short flagsWithHeader = flags | Libc.IFF_VNET_HDR;
        var request = new InterfaceRequest(name, offloads ? flagsWithHeader : flags);
        bool isAttached = Libc.ioctl(tun, Libc.TUNSETIFF, ref request) == 0;
        if (!isAttached && offloads && Libc.LastError == Errno.EINVAL)
        {
            // A kernel without IFF_VNET_HDR says so, or the name is of another kind of device, which the next call tells.
            offloads = false;
            request = new InterfaceRequest(name, flags);
            isAttached = Libc.ioctl(tun, Libc.TUNSETIFF, ref request) == 0;
        }

        if (!isAttached)
        {
            throw CannotAttach(name, Libc.LastError);
        }

        granted = offloads ? TunOffloads.Request(tun) : TunOffloads.None;
        if (Libc.ioctl(tun, Libc.TUNGETIFF, ref request) < 0)
        {
            throw LinuxException.FromLastError("TUNGETIFF", $"cannot read the flags of {name}");
        }

        // A device that exists without being persistent has a process attached, and TUNSETIFF would have said EBUSY.
        return (request.Flags & Libc.IFF_PERSIST) != 0;
    }
}
