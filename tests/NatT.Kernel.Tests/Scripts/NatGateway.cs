using NatT.EndToEnd.Tests.Lab;

namespace NatT.Kernel.Tests.Scripts;

/// <summary>The sample's NAT: 192.0.2.1 inside, 198.51.100.7 outside, which has the tunnel leave by a port that is not 1100.</summary>
internal static class NatGateway
{
    public const string Inside = "inside";
    public const string Outside = "outside";
    public const int Port = 40000;

    public static void Lay(NetworkNamespace gateway)
    {
        gateway.Ip($"address add 192.0.2.1/24 dev {Inside}");
        gateway.Ip($"address add 198.51.100.7/32 dev {Outside}");
        gateway.Ip($"route add 203.0.113.5 dev {Outside} src 198.51.100.7");
        gateway.Run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1").OutputOrFail();
        // What comes before the end inside has sent must leave no trace, or it would hold the mapping.
        string rules = $$"""
            table ip gateway {
                chain out {
                    type nat hook postrouting priority 100;
                    oifname "{{Outside}}" udp sport 1100 masquerade to :{{Port}}
                }
                chain unasked {
                    type filter hook input priority 0;
                    iifname "{{Outside}}" udp dport {{Port}} drop
                }
            }
            """;
        gateway.Run("nft", rules).OutputOrFail();
    }
}
