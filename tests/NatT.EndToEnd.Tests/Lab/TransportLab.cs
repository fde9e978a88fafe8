namespace NatT.EndToEnd.Tests.Lab;

/// <summary>
/// Two ends in transport mode, one of them behind a NAT, each with a conf for IPv4 and one for IPv6, which the outer packets have too.
/// </summary>
public sealed class TransportLab : IDisposable
{
    private static readonly TimeSpan UpLimit = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("natt-transport-").FullName;
    private readonly NetworkLab _lab;
    private readonly NattTunProcess _a = null!;
    private readonly NattTunProcess _b = null!;

    public TransportLab()
    {
        _lab = NetworkLab.BehindNat();
        try
        {
            foreach ((string name, bool isIPv6) in new[] { ("four", false), ("six", true) })
            {
                WriteConfs(name, isIPv6);
            }

            _a = Start(_lab.A, "a");
            _b = Start(_lab.B, "b");
            foreach (NattTunProcess process in new[] { _a, _b })
            {
                process.WaitForLine("peer four is up", UpLimit);
                process.WaitForLine("peer six is up", UpLimit);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal NetworkNamespace A => _lab.A;

    internal NetworkNamespace B => _lab.B;

    /// <summary>What A calls itself and the other end…</summary>
    internal static (HostAddresses Own, HostAddresses Peer) AtA => (new("10.77.0.1", "fd77::1"), new("10.77.0.2", "fd77::2"));

    /// <summary>…and B, who has other names for the two.</summary>
    internal static (HostAddresses Own, HostAddresses Peer) AtB => (new("10.88.0.8", "fd88::8"), new("10.88.0.9", "fd88::9"));

    public string Logs => $"a:\n{_a.Log}\nb:\n{_b.Log}";

    public void Dispose()
    {
        _a?.Dispose();
        _b?.Dispose();
        _lab?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private NattTunProcess Start(NetworkNamespace host, string end)
    {
        var process = new NattTunProcess(host, NattTunProcess.Executable, "--conf", Path.Combine(_folder, end));
        process.WaitForLine($"device {TestPeer.Device} is up", UpLimit);
        return process;
    }

    private void WriteConfs(string name, bool isIPv6)
    {
        PeerConfText a = Conf("a", isIPv6, AtA.Own, AtA.Peer);
        PeerConfText b = Conf("b", isIPv6, AtB.Own, AtB.Peer);
        a["remote_public_ip"] = isIPv6 ? _lab.OuterOfB.V6 : _lab.OuterOfB.V4;
        foreach ((PeerConfText sender, PeerConfText receiver, int spi) in new[] { (a, b, 0xa001), (b, a, 0xb001) })
        {
            string number = $"{spi + (isIPv6 ? 1 : 0)}";
            (sender["spi_out"], receiver["spi_in"]) = (number, number);
            string key = TunnelPair.RandomKey(32);
            (sender["enc_out"], receiver["enc_in"]) = (key, key);
            key = TunnelPair.RandomKey(32);
            (sender["auth_out"], receiver["auth_in"]) = (key, key);
        }

        Write(a, "a", name);
        Write(b, "b", name);
    }

    private PeerConfText Conf(string end, bool isIPv6, HostAddresses own, HostAddresses peer) => new()
    {
        ["mode"] = "transport",
        ["local_private_ip"] = isIPv6 ? own.V6 : own.V4,
        ["remote_private_ip"] = isIPv6 ? peer.V6 : peer.V4,
        ["state_dir"] = Path.Combine(_folder, $"state-{end}"),
    };

    private void Write(PeerConfText conf, string end, string name) =>
        conf.WriteTo(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, end)).FullName, $"{name}.conf"));
}
