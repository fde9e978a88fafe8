using System.Security.Cryptography;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>
/// Hosts behind one masquerading gateway, and a public one. The gateway gives every flow a random port, so that a
/// forgotten mapping never comes back by chance.
/// <code>
/// hub 198.51.100.1 ═ 198.51.100.2 gateway 10.9.0.1 ═ bridge ═ 10.9.1.0, 10.9.1.1, … hosts
/// </code>
/// </summary>
internal sealed class MasqueradedSite : IDisposable
{
    public const string HubAddress = "198.51.100.1";

    internal const string Masquerade = """
        table ip gateway {
            chain out {
                type nat hook postrouting priority 100;
                oifname "outside" masquerade fully-random
            }
        }
        """;

    private readonly List<NetworkNamespace> _hosts = [];

    public MasqueradedSite(int hosts)
    {
        string run = Environment.GetEnvironmentVariable("NATT_LAB") ?? "natt-e2e";
        string name = $"{run}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
        Hub = new NetworkNamespace($"{name}-hub");
        Gateway = new NetworkNamespace($"{name}-gw");
        try
        {
            LayGateway();
            for (int i = 0; i < hosts; i++)
            {
                var host = new NetworkNamespace($"{name}-{i}");
                _hosts.Add(host);
                Connect(host, i);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public NetworkNamespace Hub { get; }

    public NetworkNamespace Gateway { get; }

    public IReadOnlyList<NetworkNamespace> Hosts => _hosts;

    /// <summary>The gateway forgets every mapping, as after a restart of its own.</summary>
    public void FlushMappings() => Gateway.Run("conntrack", "-F").OutputOrFail();

    /// <summary>A mapping that nothing passes for so long is forgotten.</summary>
    public void ForgetMappingsAfter(int seconds) => Gateway.Run(
        "sysctl", "-q", "-w", $"net.netfilter.nf_conntrack_udp_timeout={seconds}", $"net.netfilter.nf_conntrack_udp_timeout_stream={seconds}").OutputOrFail();

    public bool HasMapping(int host) =>
        Gateway.Run("conntrack", "-L", "-p", "udp", "-s", AddressOf(host)).OutputOrFail().Contains("dport=1100", StringComparison.Ordinal);

    public void Dispose()
    {
        foreach (NetworkNamespace host in _hosts)
        {
            host.Dispose();
        }

        Gateway.Dispose();
        Hub.Dispose();
    }

    private static string AddressOf(int index) => $"10.9.{1 + (index / 250)}.{1 + (index % 250)}";

    private void LayGateway()
    {
        Command.Run($"ip link add outer netns {Hub.Name} type veth peer name outside netns {Gateway.Name}".Split(' ')).OutputOrFail();
        Hub.Ip($"address add {HubAddress}/24 dev outer");
        Hub.Ip("link set outer up");
        Gateway.Ip("address add 198.51.100.2/24 dev outside");
        Gateway.Ip("link set outside up");
        Gateway.Ip("link add inside type bridge");
        Gateway.Ip("address add 10.9.0.1/16 dev inside");
        Gateway.Ip("link set inside up");
        Gateway.Run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1").OutputOrFail();
        Gateway.Run("nft", Masquerade).OutputOrFail();
    }

    private void Connect(NetworkNamespace host, int index)
    {
        Command.Run($"ip link add outer netns {host.Name} type veth peer name port{index} netns {Gateway.Name}".Split(' ')).OutputOrFail();
        Gateway.Ip($"link set port{index} master inside up");
        host.Ip($"address add {AddressOf(index)}/16 dev outer");
        host.Ip("link set outer up");
        host.Ip("route add default via 10.9.0.1");
    }
}
