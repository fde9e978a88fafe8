using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;

namespace NatT.Kernel.Tests.Scripts;

/// <summary>The kernel has the public address that the sample's NAT has: natt-tun 203.0.113.5 ═ kernel 198.51.100.7.</summary>
public sealed class WithoutNatLab : ScriptsLab
{
    protected override void Lay()
    {
        NetworkNamespace own = AddNetwork("own");
        KernelGuest guest = AddGuest(own, NetworkLab.Outer);
        own.Ip($"address add 203.0.113.5/32 dev {NetworkLab.Outer}");
        own.Ip($"route add default dev {NetworkLab.Outer}");
        guest.Ip($"address add 198.51.100.7/32 dev {KernelGuest.Device}");
        guest.Ip($"route add default dev {KernelGuest.Device}");
        Start(own, "far-end.conf", new ScriptsConf("static-ipsec-nat-t/peer.conf", isBehindNat: false), isScriptsEnd: true);
    }
}
