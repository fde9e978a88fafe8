namespace NatT.EndToEnd.Tests.Lab;

/// <summary>
/// Two hosts, a (192.0.2.1) and b (192.0.2.2), each with one natt-tun for many peers, which are tunnels between the two: peer number n is
/// 10.78.n.1 at a and 10.78.n.2 at b, with keys of its own. Tests spoil the confs of b.
/// </summary>
internal sealed class MismatchLab : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly NetworkLab _lab = NetworkLab.Direct();
    private readonly string _folder = Directory.CreateTempSubdirectory("natt-mismatch-").FullName;
    private readonly Dictionary<string, PeerConfText> _a = [];
    private readonly Dictionary<string, PeerConfText> _b = [];
    private NattTunProcess? _processOfB;

    public NetworkNamespace HostA => _lab.A;

    public NetworkNamespace HostB => _lab.B;

    public NattTunProcess ProcessOfA { get; private set; } = null!;

    public string ConfsOfA => Path.Combine(_folder, "a");

    private string ConfsOfB => Path.Combine(_folder, "b");

    /// <summary>Two confs that match, to be spoilt.</summary>
    public (PeerConfText OfA, PeerConfText OfB) Add(string name)
    {
        (PeerConfText a, PeerConfText b) = (new PeerConfText(), new PeerConfText());
        int number = _a.Count + 1;
        (a["remote_public_ip"], b["remote_public_ip"]) = (_lab.OuterOfB.V4, _lab.OuterOfA.V4);
        (a["local_private_ip"], a["remote_private_ip"]) = ($"10.78.{number}.1", $"10.78.{number}.2");
        (b["local_private_ip"], b["remote_private_ip"]) = ($"10.78.{number}.2", $"10.78.{number}.1");
        (a["state_dir"], b["state_dir"]) = (StateOf("a"), StateOf("b"));

        // Often enough that nobody waits for the next.
        (a["dpd_interval"], b["dpd_interval"]) = ("1", "1");
        GiveDirection(a, b, $"0x0000a{number:x2}0");
        GiveDirection(b, a, $"0x0000b{number:x2}0");
        (_a[name], _b[name]) = (a, b);
        return (a, b);
    }

    /// <summary>Drops what a sends under this SPI before b's natt-tun sees it, in the framing of RFC 3948 alone.</summary>
    public void DropAtB(string spi) => HostB.Run(
        "nft", $"add table inet deaf; add chain inet deaf in {{ type filter hook input priority 0; }}; add rule inet deaf in udp dport 1100 @th,64,32 {spi} drop")
        .OutputOrFail();

    public void Start()
    {
        Write(_a, ConfsOfA);
        Write(_b, ConfsOfB);
        Verb(HostA, "state", "init", "--conf", ConfsOfA).OutputOrFail();
        Verb(HostB, "state", "init", "--conf", ConfsOfB).OutputOrFail();
        ProcessOfA = Run(HostA, ConfsOfA);
        _processOfB = Run(HostB, ConfsOfB);
    }

    /// <summary>Ends b, takes its records away and starts it with the confs of these peers alone.</summary>
    public void RestartBWithoutRecords(params string[] peers)
    {
        _processOfB!.Kill();
        _processOfB.Dispose();
        _processOfB = null;
        Directory.Delete(StateOf("b"), recursive: true);
        Directory.Delete(ConfsOfB, recursive: true);
        Write(_b.Where(conf => peers.Contains(conf.Key)), ConfsOfB);
        _processOfB = Run(HostB, ConfsOfB);
    }

    public static CommandResult Verb(NetworkNamespace host, params string[] verb) => host.Run(TimeSpan.FromSeconds(60), [NattTunProcess.Executable, .. verb]);

    public void Dispose()
    {
        ProcessOfA?.Dispose();
        _processOfB?.Dispose();
        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static NattTunProcess Run(NetworkNamespace host, string confs)
    {
        var process = new NattTunProcess(host, NattTunProcess.Executable, "--conf", confs);
        try
        {
            process.WaitForLine($"device {TestPeer.Device} is up", StartLimit);
            return process;
        }
        catch
        {
            process.Dispose();
            throw;
        }
    }

    private static void Write(IEnumerable<KeyValuePair<string, PeerConfText>> confs, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach ((string name, PeerConfText conf) in confs)
        {
            conf.WriteTo(Path.Combine(folder, $"{name}.conf"));
        }
    }

    private static void GiveDirection(PeerConfText sender, PeerConfText receiver, string spi)
    {
        (sender["spi_out"], receiver["spi_in"]) = (spi, spi);
        string encryption = TunnelPair.RandomKey(32);
        (sender["enc_out"], receiver["enc_in"]) = (encryption, encryption);
        string authentication = TunnelPair.RandomKey(32);
        (sender["auth_out"], receiver["auth_in"]) = (authentication, authentication);
    }

    private string StateOf(string host) => Path.Combine(_folder, $"state-{host}");
}
