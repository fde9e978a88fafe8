using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;

namespace NatT.Kernel.Tests.Scripts;

/// <summary>The scripts' own end stays behind its NAT; natt-tun takes the place of the far end.</summary>
/// <remarks>kernel 192.0.2.10 ═ 192.0.2.1 NAT 198.51.100.7 ═ natt-tun 203.0.113.5; see <see cref="NatGateway"/>.</remarks>
public sealed class PublicEndLab : ScriptsLab
{
    protected override void Lay()
    {
        NetworkNamespace gateway = AddNetwork("nat"), own = AddNetwork("own");
        KernelGuest guest = AddGuest(gateway, NatGateway.Inside);
        NetworkLab.Join(gateway, NatGateway.Outside, own, NetworkLab.Outer);
        NatGateway.Lay(gateway);
        own.Ip($"address add 203.0.113.5/32 dev {NetworkLab.Outer}");
        own.Ip($"route add default dev {NetworkLab.Outer}");
        guest.Ip($"address add 192.0.2.10/24 dev {KernelGuest.Device}");
        guest.Ip("route add default via 192.0.2.1");
        Start(own, "far-end.conf", new ScriptsConf("static-ipsec-nat-t/peer.conf"), isScriptsEnd: true);
    }
}
