namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A site with its own natt-tun, and its conf on the hub.</summary>
internal sealed class Spoke : IDisposable
{
    private readonly string _folder;
    private NattTunProcess? _process;

    /// <summary>Writes both confs: its own, and the hub's into <paramref name="hubFolder"/>.</summary>
    /// <param name="host">Where it runs.</param>
    /// <param name="index">Tells it from the others.</param>
    /// <param name="hubInner">The hub's inner address.</param>
    /// <param name="folder">Of all that is kept.</param>
    /// <param name="hubFolder">The hub's conf folder.</param>
    /// <param name="hubCommon">What all the hub's confs say.</param>
    /// <param name="keepalive">Of its own; null: the default.</param>
    public Spoke(
        NetworkNamespace host, int index, string hubInner, string folder, string hubFolder, PeerConfText hubCommon, string? keepalive = null)
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
            ["dpd_interval"] = hubCommon["dpd_interval"],
            ["keepalive"] = keepalive,
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
