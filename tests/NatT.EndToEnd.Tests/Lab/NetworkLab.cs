using System.Security.Cryptography;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>The hosts and links of one test. Disposing it removes all of them.</summary>
internal sealed class NetworkLab : IDisposable
{
    /// <summary>The interface by which a host reaches the others.</summary>
    public const string Outer = "outer";

    private readonly string _name;
    private readonly List<NetworkNamespace> _namespaces = [];

    private NetworkLab()
    {
        // tests/run.sh names the run, to find what a killed test host leaves.
        string run = Environment.GetEnvironmentVariable("NATT_LAB") ?? "natt-e2e";
        _name = $"{run}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";
    }

    public NetworkNamespace A { get; private set; } = null!;

    public NetworkNamespace B { get; private set; } = null!;

    /// <summary>A third host, where there is one.</summary>
    public NetworkNamespace C { get; private set; } = null!;

    /// <summary>The router between A and B, where there is one.</summary>
    public NetworkNamespace Nat { get; private set; } = null!;

    /// <summary>What B has to send to in order to reach A, and the other way round.</summary>
    public HostAddresses OuterOfA { get; private init; } = new("192.0.2.1", "2001:db8::1");

    public HostAddresses OuterOfB { get; private init; } = new("192.0.2.2", "2001:db8::2");

    /// <summary>A (192.0.2.1, 2001:db8::1) ═ veth ═ B (192.0.2.2, 2001:db8::2).</summary>
    /// <param name="carriesRuns">
    /// Whether runs of datagrams cross the link in one piece, as they do between virtual machines; else it carries the frames that a
    /// cable would, which is what captures are of.
    /// </param>
    public static NetworkLab Direct(bool carriesRuns = false)
    {
        var lab = new NetworkLab();
        lab.A = lab.Add("a");
        lab.B = lab.Add("b");
        Join(lab.A, Outer, lab.B, Outer, carriesRuns);
        Address(lab.A, Outer, $"{lab.OuterOfA.V4}/24", $"{lab.OuterOfA.V6}/64");
        Address(lab.B, Outer, $"{lab.OuterOfB.V4}/24", $"{lab.OuterOfB.V6}/64");
        return lab;
    }

    /// <summary>B (192.0.2.2) ═ A (192.0.2.1, 198.51.100.1) ═ C (198.51.100.2), all reaching A by 192.0.2.1.</summary>
    public static NetworkLab Star()
    {
        NetworkLab lab = Direct();
        lab.C = lab.Add("c");
        Join(lab.A, "outer2", lab.C, Outer);
        Address(lab.A, "outer2", "198.51.100.1/24");
        Address(lab.C, Outer, "198.51.100.2/24");
        lab.C.Ip("route add default via 198.51.100.1");
        return lab;
    }

    /// <summary>
    /// A (192.0.2.1, 2001:db8::1) ═ router ═ link of <paramref name="mtu"/> octets ═ B (198.51.100.2): what is too long for the link
    /// vanishes in silence.
    /// </summary>
    public static NetworkLab BlackHole(int mtu)
    {
        var lab = new NetworkLab { OuterOfB = new("198.51.100.2", "2001:db8:b::2") };
        lab.A = lab.Add("a");
        lab.Nat = lab.Add("router");
        lab.B = lab.Add("b");
        Join(lab.A, Outer, lab.Nat, "near");
        Join(lab.Nat, "far", lab.B, Outer);
        Address(lab.A, Outer, $"{lab.OuterOfA.V4}/24", $"{lab.OuterOfA.V6}/64");
        Address(lab.Nat, "near", "192.0.2.254/24", "2001:db8::ff/64");
        Address(lab.Nat, "far", "198.51.100.254/24", "2001:db8:b::ff/64");
        Address(lab.B, Outer, $"{lab.OuterOfB.V4}/24", $"{lab.OuterOfB.V6}/64");
        lab.A.Ip("route add default via 192.0.2.254");
        lab.A.Ip("-6 route add default via 2001:db8::ff");
        lab.B.Ip("route add default via 198.51.100.254");
        lab.B.Ip("-6 route add default via 2001:db8:b::ff");
        lab.Nat.Run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1").OutputOrFail();
        lab.Nat.Ip($"link set far mtu {mtu}");
        string silence = """
            table inet silent_router {
                chain out {
                    type filter hook output priority 0;
                    icmp type destination-unreachable drop
                    icmpv6 type packet-too-big drop
                }
            }
            """;
        lab.Nat.Run("nft", silence).OutputOrFail();
        return lab;
    }

    /// <summary>
    /// A (10.9.0.2, fd09::2) ═ NAT (10.9.0.1, fd09::1 | 192.0.2.1, 2001:db8::1) ═ B (192.0.2.2, 2001:db8::2); A shows itself as
    /// port 40000, see <see cref="MapTo"/>.
    /// </summary>
    public static NetworkLab BehindNat()
    {
        var lab = new NetworkLab();
        lab.A = lab.Add("a");
        lab.Nat = lab.Add("nat");
        lab.B = lab.Add("b");
        Join(lab.A, Outer, lab.Nat, "inside");
        Join(lab.Nat, "outside", lab.B, Outer);
        Address(lab.A, Outer, "10.9.0.2/24", "fd09::2/64");
        Address(lab.Nat, "inside", "10.9.0.1/24", "fd09::1/64");
        Address(lab.Nat, "outside", $"{lab.OuterOfA.V4}/24", $"{lab.OuterOfA.V6}/64");
        Address(lab.B, Outer, $"{lab.OuterOfB.V4}/24", $"{lab.OuterOfB.V6}/64");
        lab.A.Ip("route add default via 10.9.0.1");
        lab.A.Ip("-6 route add default via fd09::1");
        lab.Nat.Run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1").OutputOrFail();
        lab.MapTo(40000);
        return lab;
    }

    /// <summary>Gives A another outer port, as a NAT does that forgot its mapping; the former one leads nowhere.</summary>
    public void MapTo(int port)
    {
        // Stateless, so that no connection tracking keeps the old mapping alive.
        string rules = $$"""
            flush ruleset
            table inet nat_by_hand {
                chain out {
                    type filter hook postrouting priority 0;
                    oifname outside ip saddr 10.9.0.2 udp sport 1100 udp sport set {{port}} ip saddr set {{OuterOfA.V4}}
                    oifname outside ip6 saddr fd09::2 udp sport 1100 udp sport set {{port}} ip6 saddr set {{OuterOfA.V6}}
                }
                chain in {
                    type filter hook prerouting priority -300;
                    iifname outside ip daddr {{OuterOfA.V4}} udp dport {{port}} udp dport set 1100 ip daddr set 10.9.0.2
                    iifname outside ip6 daddr {{OuterOfA.V6}} udp dport {{port}} udp dport set 1100 ip6 daddr set fd09::2
                }
            }
            """;
        Nat.Run("nft", rules).OutputOrFail();
    }

    public void Dispose()
    {
        foreach (NetworkNamespace ns in _namespaces)
        {
            ns.Dispose();
        }
    }

    private NetworkNamespace Add(string suffix)
    {
        var ns = new NetworkNamespace($"{_name}-{suffix}");
        _namespaces.Add(ns);
        return ns;
    }

    internal static void Join(
        NetworkNamespace left, string leftDevice, NetworkNamespace right, string rightDevice, bool carriesRuns = false)
    {
        string command = $"ip link add {leftDevice} netns {left.Name} type veth peer name {rightDevice} netns {right.Name}";
        Command.Run(command.Split(' ')).OutputOrFail();
        string segments = carriesRuns ? "" : " gso_max_segs 1";
        left.Ip($"link set {leftDevice} up{segments}");
        right.Ip($"link set {rightDevice} up{segments}");
    }

    private static void Address(NetworkNamespace ns, string device, string ipv4, string? ipv6 = null)
    {
        ns.Ip($"address add {ipv4} dev {device}");
        if (ipv6 is not null)
        {
            ns.Ip($"address add {ipv6} dev {device} nodad");
        }
    }
}
