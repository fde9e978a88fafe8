namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A site with its own natt-tun, and its conf on the hub.</summary>
internal sealed class Spoke : IDisposable
{
    private readonly string _folder;
    private NattTunProcess? _process;

    /// <summary>Writes both confs: its own, and the hub's into <paramref name="hubFolder"/>.</summary>
    public Spoke(NetworkNamespace host, int index, string hubInner, string folder, string hubFolder, PeerConfText hubCommon)
    {
        Host = host;
        Name = $"spoke{index}";
        Inner = $"10.77.{1 + (index / 250)}.{1 + (index % 250)}";
        _folder = Path.Combine(folder, Name);
        Directory.CreateDirectory(_folder);
        var own = new PeerConfText
        {
            ["remote_public_ip"] = MasqueradedSite.HubAddress,
            ["local_private_ip"] = Inner,
            ["remote_private_ip"] = hubInner,
            ["state_dir"] = Path.Combine(_folder, "state"),
        };
        PeerConfText hub = hubCommon.Copy();
        hub["local_private_ip"] = hubInner;
        hub["remote_private_ip"] = Inner;
        Give(own, hub, $"0x{0x10000 + index:x}");
        Give(hub, own, $"0x{0x20000 + index:x}");
        own.WriteTo(ConfFile);
        hub.WriteTo(Path.Combine(hubFolder, $"{Name}.conf"));
    }

    public NetworkNamespace Host { get; }

    public string Name { get; }

    public string Inner { get; }

    public NattTunProcess Process => _process ?? throw new InvalidOperationException($"{Name} is not started");

    private string ConfFile => Path.Combine(_folder, "hub.conf");

    public void Launch() => _process = new NattTunProcess(Host, NattTunProcess.Executable, "--conf", ConfFile);

    public void Dispose() => _process?.Dispose();

    private static void Give(PeerConfText sender, PeerConfText receiver, string spi)
    {
        foreach ((string key, string value) in new[] { ("spi", spi), ("enc", TunnelPair.RandomKey(32)), ("auth", TunnelPair.RandomKey(32)) })
        {
            sender[$"{key}_out"] = value;
            receiver[$"{key}_in"] = value;
        }
    }
}
