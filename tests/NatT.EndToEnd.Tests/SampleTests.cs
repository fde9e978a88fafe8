using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>The samples' confs as they are, on machines that have the addresses written in them.</summary>
public sealed class SampleTests
{
    private const string PeerConf = SampleNetwork.PeerConf;
    private static readonly TimeSpan UpLimit = TimeSpan.FromSeconds(10);

    [NamespaceFact]
    public void Two_peers()
    {
        (SampleNetwork network, Machine a, Machine b) = SampleNetwork.TwoPeers();
        using SampleNetwork disposed = network;
        a.Install("two-peers/a.conf", PeerConf);
        a.Start(PeerConf);
        AssertUp(a, "peer");
        AssertUp(b, "peer");

        network.AssertPing(a.Network, "10.77.0.2");
        network.AssertPing(a.Network, "fd77::2");
        network.AssertPing(b.Network, "10.77.0.1");
        network.AssertPing(b.Network, "fd77::1");
    }

    [NamespaceFact]
    public void Hub_and_two_spokes_behind_one_NAT()
    {
        using var network = new SampleNetwork();
        Machine hub = network.AddMachine("hub");
        NetworkNamespace gateway = network.AddMasqueradingGateway();
        SampleNetwork.Join(hub.Network, "outer", "203.0.113.1/24", gateway, "outside", "203.0.113.7/24");
        Machine[] spokes = [network.AddMachine("spoke-1"), network.AddMachine("spoke-2")];
        SampleNetwork.Forward(hub.Network);
        for (int i = 0; i < spokes.Length; i++)
        {
            SampleNetwork.Join(spokes[i].Network, "outer", $"192.168.{i}.10/24", gateway, $"inside{i}", $"192.168.{i}.1/24");
            spokes[i].Network.Ip($"route add default via 192.168.{i}.1");
            spokes[i].Install($"hub-and-spokes/{spokes[i].Name}.conf", "/run/home/hub.conf");
            hub.Install($"hub-and-spokes/hub.d/{spokes[i].Name}.conf", $"/etc/natt-tun/conf.d/{spokes[i].Name}.conf");
        }

        hub.Start("/etc/natt-tun/conf.d");
        foreach (Machine spoke in spokes)
        {
            spoke.Start("/run/home/hub.conf");
            AssertUp(spoke, "hub");
            AssertUp(hub, spoke.Name);
        }

        network.AssertPing(hub.Network, "10.77.0.2");
        network.AssertPing(hub.Network, "10.77.0.3");
        network.AssertPing(spokes[0].Network, "10.77.0.1");
        network.AssertPing(spokes[0].Network, "10.77.0.3");
        network.AssertPing(spokes[1].Network, "10.77.0.1");
        network.AssertPing(spokes[1].Network, "10.77.0.2");
        Assert.All(spokes, spoke => Assert.Contains("listening on UDP [::]:1100", spoke.NattTun!.Log, StringComparison.Ordinal));
        string status = hub.Run("natt-tun", "status").OutputOrFail();
        Assert.Equal(2, status.Split("203.0.113.7:").Length - 1);
    }

    [NamespaceFact]
    public void Hosts_of_two_sites()
    {
        using var network = new SampleNetwork();
        Machine paris = network.AddMachine("paris");
        Machine lyon = network.AddMachine("lyon");
        SampleNetwork.Join(paris.Network, "outer", "203.0.113.1/24", lyon.Network, "outer", "203.0.113.2/24");
        NetworkNamespace hostOfParis = AddSite(network, paris, 1);
        NetworkNamespace hostOfLyon = AddSite(network, lyon, 2);
        AssertUp(paris, "peer");
        AssertUp(lyon, "peer");

        network.AssertPing(hostOfParis, "10.2.0.10");
        network.AssertPing(hostOfLyon, "10.1.0.10");
        network.AssertPing(paris.Network, "10.2.0.10");
        network.AssertPing(lyon.Network, "10.1.0.10");
    }

    [NamespaceFact]
    public void Conf_of_the_scripts_behind_a_NAT_that_chooses_another_port()
    {
        using var network = new SampleNetwork();
        Machine peer = network.AddMachine("peer");
        NetworkNamespace gateway = network.AddMasqueradingGateway();
        Machine farEnd = network.AddMachine("far-end");
        SampleNetwork.Join(peer.Network, "outer", "192.0.2.10/24", gateway, "inside", "192.0.2.1/24");
        SampleNetwork.Join(gateway, "outside", "198.51.100.7/32", farEnd.Network, "outer", "203.0.113.5/32");
        peer.Network.Ip("route add default via 192.0.2.1");
        gateway.Ip("route add 203.0.113.5 dev outside");
        farEnd.Network.Ip("route add 198.51.100.7 dev outer");
        farEnd.Install("static-ipsec-nat-t/far-end.conf", PeerConf);
        peer.Install("static-ipsec-nat-t/peer.conf", PeerConf);

        farEnd.Start(PeerConf);
        peer.Start(PeerConf);
        AssertUp(peer, "peer");
        AssertUp(farEnd, "peer");

        network.AssertPing(peer.Network, "10.2.0.1");
        network.AssertPing(farEnd.Network, "10.1.0.1");
        Assert.DoesNotContain("198.51.100.7:1100 ", farEnd.Run("natt-tun", "status").OutputOrFail(), StringComparison.Ordinal);
    }

    private static void AssertUp(Machine machine, string peer) => machine.NattTun!.WaitForLine($"peer {peer} is up", UpLimit);

    /// <summary>Starts the gateway and puts a host behind it, whose default route it is.</summary>
    private static NetworkNamespace AddSite(SampleNetwork network, Machine gateway, int number)
    {
        NetworkNamespace host = network.AddHost($"host-{number}");
        SampleNetwork.Join(host, "lan", $"10.{number}.0.10/24", gateway.Network, "lan", $"10.{number}.0.1/24");
        host.Ip($"route add default via 10.{number}.0.1");
        SampleNetwork.Forward(gateway.Network);
        gateway.Install($"site-to-site/{gateway.Name}.conf", PeerConf);
        gateway.Start(PeerConf);
        return host;
    }
}
