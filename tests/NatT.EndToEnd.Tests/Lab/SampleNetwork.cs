using System.Security.Cryptography;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>Machines with the addresses that the samples have. Disposing it removes all of them.</summary>
internal sealed class SampleNetwork : IDisposable
{
    /// <summary>Where those who start natt-tun by hand keep their conf.</summary>
    public const string PeerConf = "/run/home/peer.conf";

    private readonly string _name =
        $"{Environment.GetEnvironmentVariable("NATT_LAB") ?? "natt-e2e"}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";

    private readonly List<NetworkNamespace> _networks = [];
    private readonly List<Machine> _machines = [];

    /// <summary>The two-peers sample's a (203.0.113.1) ═ b (203.0.113.2), of which b runs already.</summary>
    public static (SampleNetwork Network, Machine A, Machine B) TwoPeers(bool withSystemd = false)
    {
        var network = new SampleNetwork();
        try
        {
            Machine a = network.AddMachine("a", withSystemd);
            Machine b = network.AddMachine("b");
            Join(a.Network, NetworkLab.Outer, "203.0.113.1/24", b.Network, NetworkLab.Outer, "203.0.113.2/24");
            b.Install("two-peers/b.conf", PeerConf);
            b.Start(PeerConf);
            return (network, a, b);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    public Machine AddMachine(string name, bool withSystemd = false)
    {
        var machine = new Machine(name, AddHost(name), withSystemd);
        _machines.Add(machine);
        return machine;
    }

    public NetworkNamespace AddHost(string name)
    {
        var network = new NetworkNamespace($"{_name}-{name}");
        _networks.Add(network);
        return network;
    }

    /// <summary>A gateway that masquerades what leaves by its device "outside".</summary>
    public NetworkNamespace AddMasqueradingGateway()
    {
        NetworkNamespace gateway = AddHost("gw");
        Forward(gateway);
        gateway.Run("nft", MasqueradedSite.Masquerade).OutputOrFail();
        return gateway;
    }

    public static void Forward(NetworkNamespace network) => network.Run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1").OutputOrFail();

    public static void Join(
        NetworkNamespace left, string leftDevice, string leftAddress, NetworkNamespace right, string rightDevice, string rightAddress)
    {
        NetworkLab.Join(left, leftDevice, right, rightDevice);
        left.Ip($"address add {leftAddress} dev {leftDevice}");
        right.Ip($"address add {rightAddress} dev {rightDevice}");
    }

    public void AssertPing(NetworkNamespace from, string to)
    {
        CommandResult ping = from.Run("ping", "-n", "-W", "2", "-c", "3", "-i", "0.2", to);
        Assert.True(
            ping.Output.Contains(" 3 received", StringComparison.Ordinal),
            $"{from.Name} to {to}:\n{ping.Output}{ping.Error}\n{string.Join('\n', _machines.Select(m => $"{m.Name}:\n{m.NattTun?.Log}"))}");
    }

    public void Dispose()
    {
        foreach (Machine machine in _machines)
        {
            machine.Dispose();
        }

        foreach (NetworkNamespace network in _networks)
        {
            network.Dispose();
        }
    }
}
