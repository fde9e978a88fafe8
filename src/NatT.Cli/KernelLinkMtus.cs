using NatT.Cli.Privilege;
using NatT.Linux;
using NatT.Tunnel.DataPath;

namespace NatT.Cli;

/// <summary>The kernel's interfaces and routes. One thread; not locked.</summary>
internal sealed class KernelLinkMtus(TunDevice device, IPrivileges privileges) : ILinkMtus, IDisposable
{
    private readonly RouteNetlink _netlink = new();

    public int DeviceMtu => device.Mtu;

    public void SetDeviceMtu(int mtu) => privileges.SetDeviceMtu(device, mtu);

    public (InnerMtu Mtu, string? Interface, bool IsKnown) Measure(PeerPath path)
    {
        (InnerMtu mtu, OuterRoute? route) = path.Measure(_netlink);
        return (mtu, route?.InterfaceName ?? path.Interface, route is not null || path.Address is null);
    }

    public void Dispose() => _netlink.Dispose();
}
