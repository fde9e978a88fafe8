using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests.Exports;

/// <summary>
/// One natt-tun and one kernel, every algorithm a peer; the kernel knows of them only what <c>natt-tun export xfrm</c> says, both as
/// their far end and, under other keys, in this end's place.
/// </summary>
public sealed class ExportSession : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>An address of the kernel's by itself, as everything between it and natt-tun's is protected.</summary>
    private const string TransportOuter = "192.0.2.150";
    private const string TransportInner = "10.79.0.1";

    private readonly KernelLab _lab;
    private readonly NattTunProcess _nattTun = null!;

    public ExportSession()
    {
        Peers = [.. ExportedPeer.Algorithms.Select((algorithm, index) => new ExportedPeer(algorithm, index))];
        _lab = new KernelLab();
        try
        {
            foreach (string address in new[] { KernelLab.OuterOfGuest.V4, KernelLab.OuterOfGuest.V6 })
            {
                Guest.Encapsulate(address, MatrixPeer.Port, Encapsulation.EspInUdp);
                Guest.Encapsulate(address, MatrixPeer.NonIkePort, Encapsulation.EspInUdpNonIke);
            }

            Guest.Ip([
                $"route add {MatrixPeer.OwnInner.V4} dev {KernelGuest.Device}", $"route add {MatrixPeer.OwnInner.V6} dev {KernelGuest.Device}",
                .. Peers.SelectMany(peer => new[] { $"address add {peer.Inner.V4}/32 dev lo", $"address add {peer.Inner.V6}/128 dev lo" })]);
            Guest.Ip($"address add {TransportOuter}/24 dev {KernelGuest.Device}");
            Guest.Encapsulate(TransportOuter, MatrixPeer.Port, Encapsulation.EspInUdp);
            WriteConfs("running", own: false);
            Transport = TransportConf(Path.Combine(Folder, "running-state"));
            Transport.WriteTo(Path.Combine(FolderOf("running"), "transport.conf"));
            WriteConfs("replaced", own: true);
            Ask("state", "init", "--conf", FolderOf("running")).OutputOrFail();
            Ask("state", "init", "--conf", FolderOf("replaced")).OutputOrFail();
            _nattTun = new NattTunProcess(A, NattTunProcess.Executable, "--conf", FolderOf("running"));
            _nattTun.WaitForLine("device natt0 is up", Limit);
            foreach (ExportedPeer peer in Peers)
            {
                Export("running", "far", peer);
            }

            // One machine's ends in one go; --here is of one IP version.
            Export("replaced", "this", [.. Peers.Where(peer => peer.IsOuterV6)]);
            Export("replaced", "this", [.. Peers.Where(peer => !peer.IsOuterV6)]);

            Import("imported", Guest.Ip("-d xfrm state") + Guest.Ip("xfrm policy"));
            Run("transport", ["--conf", FolderOf("running"), "--here", KernelLab.OuterOfA.V4]);
            Import("imported-transport", TransportText(), "--inner-here", TransportInner, "--inner-there", MatrixPeer.OwnInner.V4);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal IReadOnlyList<ExportedPeer> Peers { get; }

    /// <summary>natt-tun's conf of the one peer in transport mode.</summary>
    internal PeerConfText Transport { get; } = null!;

    internal KernelGuest Guest => _lab.Guest;

    internal string Log => $"{_nattTun.Log}\n{Guest.Run("ip", "-s", "xfrm", "state").Output}";

    private NetworkNamespace A => _lab.A;

    private string Folder { get; } = Directory.CreateTempSubdirectory("natt-export-").FullName;

    internal ExportedPeer Find(string algorithm) => Peers.Single(peer => peer.Algorithm.Name == algorithm);

    /// <summary>Has the kernel do what <c>natt-tun export xfrm</c> prints, and returns that.</summary>
    internal string Export(string confs, string end, params ExportedPeer[] peers)
    {
        string here = peers[0].IsOuterV6 ? KernelLab.OuterOfA.V6 : KernelLab.OuterOfA.V4;
        return Run(end, [.. peers.Select(peer => peer.Name), "--conf", FolderOf(confs), "--end", end, "--here", here]);
    }

    /// <summary>In transport mode the kernel has its outer addresses inside too.</summary>
    internal void AssertTransport()
    {
        const string Sizes = "0 1 56 1200";
        _nattTun.WaitForLine("peer transport is up", Limit);
        CommandResult fromHere = Echoes.Run(command => A.Run(Limit, command), MatrixPeer.OwnInner.V4, TransportInner, Sizes);
        Assert.True(fromHere.Succeeded, $"natt-tun to kernel: {fromHere.Error}\n{Log}");
        CommandResult fromThere = Echoes.Run(command => Guest.Run(command), TransportOuter, KernelLab.OuterOfA.V4, Sizes);
        Assert.True(fromThere.Succeeded, $"kernel to natt-tun: {fromThere.Error}\n{Log}");
    }

    /// <summary>The keys and values of the conf that was made of the kernel's states with the SPI of what it sends.</summary>
    internal Dictionary<string, string> Imported(string spiOut) =>
        Directory.GetFiles(FolderOf("imported")).Select(Read).Single(conf => conf["spi_out"] == spiOut);

    /// <summary>The same of the one in transport mode, at the kernel's end.</summary>
    internal Dictionary<string, string> ImportedTransport() => Read(Assert.Single(Directory.GetFiles(FolderOf("imported-transport"))));

    /// <summary>What the kernel's end is to have.</summary>
    internal Dictionary<string, string> ExpectedTransport() => new()
    {
        ["remote_public_ip"] = KernelLab.OuterOfA.V4,
        ["remote_port"] = $"{MatrixPeer.Port}",
        ["ori_local_public_ip"] = TransportOuter,
        ["ori_local_port"] = $"{MatrixPeer.Port}",
        ["local_private_ip"] = TransportInner,
        ["remote_private_ip"] = MatrixPeer.OwnInner.V4,
        ["mode"] = "transport",
        ["suite"] = "aes-cbc-hmac-sha256",
        ["icv_bits"] = "128",
        ["espmode"] = "espinudp",
        ["esn"] = "no",
        ["replay_window"] = "1024",
        ["spi_in"] = Transport["spi_out"]!,
        ["spi_out"] = Transport["spi_in"]!,
        ["enc_in"] = Transport["enc_out"]!,
        ["enc_out"] = Transport["enc_in"]!,
        ["auth_in"] = Transport["auth_out"]!,
        ["auth_out"] = Transport["auth_in"]!,
    };

    internal void AssertEchoes(ExportedPeer peer)
    {
        const string Sizes = "0 1 56 1200";
        _nattTun.WaitForLine($"peer {peer.Name} is up", Limit);
        foreach ((string own, string kernel) in new[] { (MatrixPeer.OwnInner.V4, peer.Inner.V4), (MatrixPeer.OwnInner.V6, peer.Inner.V6) })
        {
            CommandResult fromHere = Echoes.Run(command => A.Run(Limit, command), own, kernel, Sizes);
            Assert.True(fromHere.Succeeded, $"natt-tun to kernel: {fromHere.Error}\n{Log}");
            CommandResult fromThere = Echoes.Run(command => Guest.Run(command), kernel, own, Sizes);
            Assert.True(fromThere.Succeeded, $"kernel to natt-tun: {fromThere.Error}\n{Log}");
        }
    }

    public void Dispose()
    {
        _nattTun?.Dispose();
        _lab?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static PeerConfText TransportConf(string state) => new()
    {
        ["mode"] = "transport",
        ["remote_public_ip"] = TransportOuter,
        ["local_private_ip"] = MatrixPeer.OwnInner.V4,
        ["remote_private_ip"] = TransportInner,
        ["spi_out"] = "0x00050000",
        ["spi_in"] = "0x00060000",
        ["enc_out"] = TunnelPair.RandomKey(32),
        ["enc_in"] = TunnelPair.RandomKey(32),
        ["auth_out"] = TunnelPair.RandomKey(32),
        ["auth_in"] = TunnelPair.RandomKey(32),
        ["state_dir"] = state,
    };

    /// <summary>Exports with these arguments, has the kernel do it, and returns the script.</summary>
    private string Run(string name, string[] arguments)
    {
        string script = Path.Combine(Folder, $"{name}.sh");
        string[] peer = name == "transport" ? [name] : [];
        Ask(["export", "xfrm", .. peer, .. arguments, "--out", script, "--force"]).OutputOrFail();
        Guest.Run("sh", script).OutputOrFail();
        return File.ReadAllText(script);
    }

    private void WriteConfs(string name, bool own)
    {
        string folder = Directory.CreateDirectory(FolderOf(name)).FullName;
        foreach (ExportedPeer peer in Peers)
        {
            peer.Conf(Path.Combine(Folder, $"{name}-state"), own).WriteTo(Path.Combine(folder, $"{peer.Name}.conf"));
        }
    }

    private static Dictionary<string, string> Read(string file) => File.ReadAllLines(file)
        .Where(line => line.Contains(" = ", StringComparison.Ordinal) && line[0] != '#')
        .Select(line => line.Split('=', 2)).ToDictionary(parts => parts[0].Trim(), parts => parts[1].Trim());

    /// <summary>What the kernel says of the one tunnel in transport mode.</summary>
    private string TransportText()
    {
        (string own, string peer) = (TransportOuter, KernelLab.OuterOfA.V4);
        return Guest.Ip($"-d xfrm state get dst {peer} proto esp spi {Transport["spi_in"]}")
            + Guest.Ip($"-d xfrm state get dst {own} proto esp spi {Transport["spi_out"]}")
            + Guest.Ip($"xfrm policy get src {own} dst {peer} dir out") + Guest.Ip($"xfrm policy get src {peer} dst {own} dir in");
    }

    /// <summary>What the kernel says, back into confs.</summary>
    private void Import(string folder, string said, params string[] options)
    {
        string text = Path.Combine(Folder, $"{folder}.txt");
        File.WriteAllText(text, said);
        A.Run(
            Limit, ["sh", "-c", "exec < \"$1\"; folder=$2; shift 2; exec \"$0\" import xfrm --out \"$folder\" --state-dir \"$folder/state\" \"$@\"",
            NattTunProcess.Executable, text, FolderOf(folder), .. options]).OutputOrFail();
    }

    private string FolderOf(string confs) => Path.Combine(Folder, confs);

    private CommandResult Ask(params string[] verb) => A.Run(Limit, [NattTunProcess.Executable, .. verb]);
}
