using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;

namespace NatT.Kernel.Tests.Scripts;

/// <summary>The scripts' far end stays; natt-tun takes the place of the end behind the NAT, where the scripts ran.</summary>
/// <remarks>natt-tun 192.0.2.10 ═ 192.0.2.1 NAT 198.51.100.7 ═ kernel 203.0.113.5; see <see cref="NatGateway"/>.</remarks>
public sealed class BehindNatLab : ScriptsLab
{
    protected override void Lay()
    {
        NetworkNamespace gateway = AddNetwork("nat"), own = AddNetwork("own");
        KernelGuest guest = AddGuest(gateway, NatGateway.Outside);
        NetworkLab.Join(gateway, NatGateway.Inside, own, NetworkLab.Outer);
        NatGateway.Lay(gateway);
        own.Ip($"address add 192.0.2.10/24 dev {NetworkLab.Outer}");
        own.Ip("route add default via 192.0.2.1");
        guest.Ip($"address add 203.0.113.5/32 dev {KernelGuest.Device}");
        guest.Ip($"route add default dev {KernelGuest.Device}");
        Start(own, "peer.conf", new ScriptsConf("static-ipsec-nat-t/peer.conf", NatGateway.Port), isScriptsEnd: false);
    }
}
