using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests.Rekeying;

/// <summary>One kernel and one natt-tun with several peers in it, of which each gets new keys in an order of its own.</summary>
public sealed class RekeySession : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("natt-rekey-").FullName;
    private readonly KernelLab _lab;
    private readonly List<BackgroundProcess> _answerers = [];
    private readonly NattTunProcess _nattTun = null!;

    public RekeySession()
    {
        _lab = new KernelLab();
        try
        {
            foreach (string address in new[] { KernelLab.OuterOfGuest.V4, KernelLab.OuterOfGuest.V6 })
            {
                Guest.Encapsulate(address, MatrixPeer.Port, Encapsulation.EspInUdp);
            }

            Guest.Ip([
                .. Peers.SelectMany(peer => peer.FirstLines()),
                $"route add {MatrixPeer.OwnInner.V4} dev {KernelGuest.Device}", $"route add {MatrixPeer.OwnInner.V6} dev {KernelGuest.Device}"]);
            Directory.CreateDirectory(Confs);
            foreach (RekeyedPeer peer in Peers)
            {
                peer.Conf(Path.Combine(_folder, "state")).WriteTo(ConfOf(peer));
            }

            Ask("state", "init", "--conf", Confs).OutputOrFail();
            _nattTun = new NattTunProcess(A, NattTunProcess.Executable, "--conf", Confs);
            _nattTun.WaitForLine("device natt0 is up", Limit);
            StartAnswerers();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal static IReadOnlyList<RekeyedPeer> Peers { get; } =
    [
        new("natt-tun-first", "AES-256-CBC HMAC-SHA-256-128", isOuterV6: false, namesSpi: false, 0),
        new("kernel-first", "AES-256-GCM-16", isOuterV6: true, namesSpi: false, 1),
        new("naming-spi", "AES-256-CBC HMAC-SHA-256-96", isOuterV6: false, namesSpi: true, 2),
        new("too-early", "AES-256-CBC HMAC-SHA-256-128", isOuterV6: false, namesSpi: false, 3),
    ];

    internal KernelGuest Guest => _lab.Guest;

    internal string Log => $"{_nattTun.Log}\n{Guest.Run("ip", "-s", "xfrm", "state").Output}\n{Guest.Run("cat", "/proc/net/xfrm_stat").Output}";

    private NetworkNamespace A => _lab.A;

    private string Confs => Path.Combine(_folder, "conf.d");

    /// <summary>The peer of that name, once it has answered a probe and neither end has to look for the other any more.</summary>
    internal RekeyedPeer Await(string name)
    {
        _nattTun.WaitForLine($"peer {name} is up", Limit);
        RekeyedPeer peer = Peers.Single(peer => peer.Name == name);
        AssertEchoes(peer);
        return peer;
    }

    /// <summary>Gives natt-tun next keys, which it does not know before a reload; returns the lines for the kernel's end.</summary>
    internal IReadOnlyDictionary<string, string> GenerateNext(RekeyedPeer peer)
    {
        Ask("keygen", "--next", ConfOf(peer)).OutputOrFail();
        return File.ReadAllLines(Path.ChangeExtension(ConfOf(peer), ".next"))
            .Where(line => line.StartsWith("next_", StringComparison.Ordinal)).Select(line => line.Split('=', 2))
            .ToDictionary(parts => parts[0].Trim(), parts => parts[1].Trim());
    }

    internal string Reload() => Ask("reload").OutputOrFail();

    /// <summary>Next keys into the place of the current ones.</summary>
    internal void Promote(RekeyedPeer peer) => Ask("keygen", "--promote", ConfOf(peer)).OutputOrFail();

    /// <summary>Waits until natt-tun sends by this SPI; fails where it still has next keys.</summary>
    internal void AwaitMoveTo(RekeyedPeer peer, string spi)
    {
        Wait.Until($"natt-tun sends by {spi}", Limit, () => Keys(peer).Contains(("current", spi)));
        Assert.DoesNotContain("next", Keys(peer).Select(keys => keys.Use));
    }

    /// <summary>What natt-tun uses each pair of SAs for, and the SPI that it has outbound.</summary>
    internal IReadOnlyList<(string Use, string SpiOut)> Keys(RekeyedPeer peer)
    {
        using JsonDocument status = Status();
        return [.. PeerIn(status, peer).GetProperty("keys").EnumerateArray()
            .Select(keys => (keys.GetProperty("use").GetString()!, keys.GetProperty("spi_out").GetString()!))];
    }

    /// <summary>Packets under SPIs that natt-tun does not have.</summary>
    internal long UnknownSpis()
    {
        using JsonDocument status = Status();
        return status.RootElement.GetProperty("drops_in").TryGetProperty("UnknownSpi", out JsonElement count) ? count.GetInt64() : 0;
    }

    internal void AwaitUnknownSpis(long before) =>
        Wait.Until("natt-tun refuses what it has no keys for", Limit, () => UnknownSpis() > before);

    internal void AssertNoDrops(RekeyedPeer peer)
    {
        using JsonDocument status = Status();
        Assert.Equal("{}", PeerIn(status, peer).GetProperty("in").GetProperty("drops").GetRawText());
        Assert.Equal("{}", PeerIn(status, peer).GetProperty("out").GetProperty("drops").GetRawText());
    }

    /// <summary>From each end, over IPv4 from natt-tun's and over IPv6 from the kernel's: each datagram goes both ways.</summary>
    internal EchoFlow[] StartFlows(RekeyedPeer peer)
    {
        EchoFlow[] flows =
        [
            new(OnA, MatrixPeer.OwnInner.V4, peer.Inner.V4, Path.Combine(_folder, $"{peer.Name}.stop")),
            new(InGuest, peer.Inner.V6, MatrixPeer.OwnInner.V6, $"/run/{peer.Name}.stop"),
        ];
        Array.ForEach(flows, flow => flow.AwaitBegin());
        return flows;
    }

    /// <summary>Whether one ping comes back within a second.</summary>
    internal bool PingsFromKernel(RekeyedPeer peer) =>
        Guest.Run("ping", "-n", "-I", peer.Inner.V4, "-c", "1", "-W", "1", MatrixPeer.OwnInner.V4).Succeeded;

    internal void AssertEchoes(RekeyedPeer peer)
    {
        const string Sizes = "0 1 56 1200";
        CommandResult fromHere = Echoes.Run(OnA, MatrixPeer.OwnInner.V6, peer.Inner.V6, Sizes);
        Assert.True(fromHere.Succeeded, $"natt-tun to kernel: {fromHere.Error}\n{Log}");
        CommandResult fromThere = Echoes.Run(InGuest, peer.Inner.V4, MatrixPeer.OwnInner.V4, Sizes);
        Assert.True(fromThere.Succeeded, $"kernel to natt-tun: {fromThere.Error}\n{Log}");
    }

    public void Dispose()
    {
        _answerers.ForEach(answerer => answerer.Dispose());
        _nattTun?.Dispose();
        _lab?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static JsonElement PeerIn(JsonDocument status, RekeyedPeer peer) => status.RootElement.GetProperty("peers").EnumerateArray()
        .Single(candidate => candidate.GetProperty("name").GetString() == peer.Name);

    private void StartAnswerers()
    {
        var answerer = new BackgroundProcess("flow.py answer", A.Inside(EchoFlow.Answerer(MatrixPeer.OwnInner.V6)));
        _answerers.Add(answerer);
        answerer.WaitForLine("ready", Limit);
        foreach (RekeyedPeer peer in Peers)
        {
            Guest.Start("ready", EchoFlow.Answerer(peer.Inner.V4));
        }
    }

    private CommandResult OnA(string[] command) => A.Run(4 * Limit, command);

    private CommandResult InGuest(string[] command) => Guest.Run(4 * Limit, command);

    private string ConfOf(RekeyedPeer peer) => Path.Combine(Confs, $"{peer.Name}.conf");

    private JsonDocument Status() => JsonDocument.Parse(Ask("status", "--json").OutputOrFail());

    private CommandResult Ask(params string[] verb) => A.Run(Limit, [NattTunProcess.Executable, .. verb]);
}
