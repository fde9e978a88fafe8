using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.Hostile.Tests;

/// <summary>
/// B (a good peer with traffic of its own) ═ A (the natt-tun under attack) ═ C (<c>attack.py</c>, which is many peers, and everyone else). All
/// behaviours are tried once, one after the other; the tests look at what came of each.
/// </summary>
public sealed class HostileSession : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AttackLimit = TimeSpan.FromSeconds(480);

    // Not where all tests are skipped.
    private readonly Lazy<IReadOnlyList<Verdict>> _verdicts = new(Run);

    internal Verdict this[string behaviour] => _verdicts.Value.Single(verdict => verdict.Behaviour == behaviour);

    /// <summary>The row of the good peer.</summary>
    internal static string GoodPeer => "a good peer's traffic, all the while";

    public void Dispose()
    {
        if (_verdicts.IsValueCreated)
        {
            VerdictTable.Write("Hostile", _verdicts.Value);
        }
    }

    private static List<Verdict> Run()
    {
        using var lab = NetworkLab.Star();
        using var pair = new TunnelPair(lab);
        LayOutside(lab);
        string folder = Directory.CreateTempSubdirectory("natt-hostile-").FullName;
        try
        {
            string confs = Directory.CreateDirectory(Path.Combine(folder, "conf.d")).FullName;
            string log = Path.Combine(folder, "log");
            File.WriteAllText(log, "");
            pair.A.Conf["mtu"] = "1400";
            pair.A.Conf.WriteTo(Path.Combine(confs, "good.conf"));

            using var attack = new BackgroundProcess("attack.py", lab.C.Inside(AttackScript.CommandLine(
                "--confs", confs, pair.A.StateDirectory, pair.A.SocketOf(TestPeer.Device), log, lab.A.Name, TestPeer.Device)));
            attack.WaitForLine("ready", StartLimit);
            pair.A.Ask("state", "init", "--conf", confs).OutputOrFail();
            using NattTunProcess nattTun = StartLogged(lab.A, confs, log);
            pair.B.Start();
            nattTun.WaitForLine("peer good is up", StartLimit);
            pair.B.Process.WaitForLine("peer b is up", StartLimit);
            (string lostBefore, _) = GoodPeerOf(pair.A);
            using var traffic = new BackgroundProcess("ping", pair.B.Host.Inside("ping", "-n", "-q", "-i", "0.05", pair.A.Inner.V4));
            attack.WaitForLine("done", AttackLimit);

            var verdicts = attack.Log.Split('\n').Select(Verdict.TryRead).OfType<Verdict>().ToList();
            verdicts.Add(JudgeGoodPeer(pair, lostBefore));
            nattTun.Stop();
            return verdicts;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Everyone but B is behind C, whose kernel has none of their addresses; datagrams of any length cross that link.</summary>
    private static void LayOutside(NetworkLab lab)
    {
        foreach (NetworkNamespace host in new[] { lab.A, lab.C })
        {
            // What this machine is set to, namespaces may inherit.
            host.Run("sysctl", "-q", "-w", "net.ipv4.ip_forward=0", "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0").OutputOrFail();
        }

        lab.A.Run("sysctl", "-q", "-w", "net.ipv4.conf.outer2.rp_filter=0").OutputOrFail();
        lab.A.Ip("link set outer2 mtu 65535");
        lab.C.Ip($"link set {NetworkLab.Outer} mtu 65535");
        lab.A.Ip("route add 203.0.113.0/24 via 198.51.100.2");
        lab.A.Ip("route add 198.18.0.0/15 via 198.51.100.2");
        string mac = lab.C.Run("cat", $"/sys/class/net/{NetworkLab.Outer}/address").OutputOrFail().Trim();
        lab.A.Ip("address add 2001:db8:c::1/64 dev outer2 nodad");
        lab.A.Ip($"neigh add 2001:db8:c::2 lladdr {mac} dev outer2");

        // A network behind A without hosts: what is delivered there draws no error from A's kernel.
        lab.A.Ip("-6 route add blackhole fd78::/64");
    }

    /// <summary>What it says goes to the log file as well, where the script looks for lines that no packet may cause.</summary>
    private static NattTunProcess StartLogged(NetworkNamespace host, string confs, string log)
    {
        var nattTun = new NattTunProcess(
            host, "bash", "-c", "exec \"$@\" 2> >(exec tee -a \"$0\" >&2)", log, NattTunProcess.Executable, "--conf", confs);
        nattTun.WaitForLine($"device {TestPeer.Device} is up", StartLimit);
        return nattTun;
    }

    private static Verdict JudgeGoodPeer(TunnelPair pair, string lostBefore)
    {
        bool answers = pair.A.Ping(pair.B.Inner.V4, "-c", "1", "-W", "10").Succeeded;
        (string lost, long packets) = GoodPeerOf(pair.A);
        string? problem = lost != lostBefore ? $"{lostBefore} became {lost}" : answers ? null : "no answer to the last ping";
        return new Verdict(GoodPeer, problem, $"delivered {packets}");
    }

    /// <summary>Its state with all that was lost of it, and what was not.</summary>
    private static (string Lost, long Packets) GoodPeerOf(TestPeer end)
    {
        using var report = JsonDocument.Parse(end.Ask("status", "--json").OutputOrFail());
        JsonElement peer = report.RootElement.GetProperty("peers").EnumerateArray().Single(peer => peer.GetProperty("name").GetString() == "good");
        JsonElement arrived = peer.GetProperty("in");
        string drops = $"{arrived.GetProperty("drops").GetRawText()} in, {peer.GetProperty("out").GetProperty("drops").GetRawText()} out";
        string lost = $"{peer.GetProperty("state").GetString()}, {arrived.GetProperty("missing").GetRawText()} missing, {drops}";
        return (lost, arrived.GetProperty("packets").GetInt64());
    }
}
