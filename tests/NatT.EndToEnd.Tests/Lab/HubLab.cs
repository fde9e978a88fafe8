namespace NatT.EndToEnd.Tests.Lab;

/// <summary>
/// A hub with a conf.d of two spokes that know no outer address but the hub's, every pair of ends with keys of its own:
/// s1 (10.77.0.2) ═ hub (10.77.0.1) ═ s2 (10.77.0.3), forwarding.
/// </summary>
internal sealed class HubLab : IDisposable
{
    private static readonly TimeSpan HeardLimit = TimeSpan.FromSeconds(10);

    private readonly NetworkLab _lab = NetworkLab.Star();
    private readonly string _folder = Directory.CreateTempSubdirectory("natt-hub-").FullName;
    private readonly PeerConfText[] _hubConfs = [new(), new()];

    public HubLab()
    {
        Spokes =
        [
            new TestPeer("s1", _lab.B, new HostAddresses("10.77.0.2", "fd77::2")),
            new TestPeer("s2", _lab.C, new HostAddresses("10.77.0.3", "fd77::3")),
        ];
        for (int i = 0; i < Spokes.Length; i++)
        {
            Configure(Spokes[i], Spokes[1 - i], _hubConfs[i], 0xa000 + (16 * i));
        }

        // What serves all peers is good for all wherever it stands.
        _hubConfs[0]["state_dir"] = Path.Combine(_folder, "state");
    }

    public static HostAddresses HubInner { get; } = new("10.77.0.1", "fd77::1");

    public NetworkNamespace Hub => _lab.A;

    public TestPeer[] Spokes { get; }

    public NattTunProcess HubProcess { get; private set; } = null!;

    /// <summary>Gives a spoke and the hub's conf for it an AEAD, with fresh keys that both have records of.</summary>
    public HubLab WithAead(int spoke, string suite)
    {
        (PeerConfText own, PeerConfText hub) = (Spokes[spoke].Conf, _hubConfs[spoke]);
        (own["suite"], hub["suite"]) = (suite, suite);
        TunnelPair.GiveAeadKey(own, hub);
        TunnelPair.GiveAeadKey(hub, own);
        Spokes[spoke].MakeRecord();
        Hub.Run(NattTunProcess.Executable, "state", "init", "--conf", WriteHubConfs()).OutputOrFail();
        return this;
    }

    public HubLab Start()
    {
        string confs = WriteHubConfs();

        HubProcess = new NattTunProcess(Hub, NattTunProcess.Executable, "--conf", confs);
        HubProcess.WaitForLine($"device {TestPeer.Device} is up");
        Hub.Run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1").OutputOrFail();
        foreach (TestPeer spoke in Spokes)
        {
            spoke.Start();
        }

        foreach (TestPeer spoke in Spokes)
        {
            spoke.Process.WaitForLine($"peer {spoke.Name} is up", HeardLimit);
            HubProcess.WaitForLine($"peer {spoke.Name} is up", HeardLimit);
        }

        return this;
    }

    public void Dispose()
    {
        HubProcess?.Dispose();
        foreach (TestPeer spoke in Spokes)
        {
            spoke.Dispose();
        }

        _lab.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string WriteHubConfs()
    {
        string confs = Directory.CreateDirectory(Path.Combine(_folder, "conf.d")).FullName;
        for (int i = 0; i < Spokes.Length; i++)
        {
            _hubConfs[i].WriteTo(Path.Combine(confs, $"{Spokes[i].Name}.conf"));
        }

        return confs;
    }

    private void Configure(TestPeer spoke, TestPeer other, PeerConfText hub, int spi)
    {
        spoke.Conf["remote_public_ip"] = _lab.OuterOfA.V4;
        spoke.Conf["remote_private_ip"] = $"{HubInner.V4}, {HubInner.V6}, {other.Inner.V4}, {other.Inner.V6}";

        // The network behind the hub's own address lets packets between spokes through.
        hub["local_private_ip"] = $"{HubInner.V4}/24, {HubInner.V6}/64";
        hub["remote_private_ip"] = $"{spoke.Inner.V4}, {spoke.Inner.V6}";
        GiveDirection(spoke.Conf, hub, $"0x{spi:x}");
        GiveDirection(hub, spoke.Conf, $"0x{spi + 1:x}");
    }

    private static void GiveDirection(PeerConfText sender, PeerConfText receiver, string spi)
    {
        (sender["spi_out"], receiver["spi_in"]) = (spi, spi);
        string encryption = TunnelPair.RandomKey(32);
        (sender["enc_out"], receiver["enc_in"]) = (encryption, encryption);
        string authentication = TunnelPair.RandomKey(32);
        (sender["auth_out"], receiver["auth_in"]) = (authentication, authentication);
    }
}
