using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;

namespace NatT.Kernel.Tests.Matrix;

/// <summary>One kernel and one natt-tun, to whom every row is a peer of its own.</summary>
public sealed class MatrixSession : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    /// <summary>A row by itself, so that what is thrown away on purpose is nowhere else.</summary>
    private static readonly MatrixRow HeaderRow = new(
        KernelAlgorithm.All[0], IsExtended: false, 2048, "espinudp", IsFound: false, IsOuterV6: false, "both");

    private static readonly MatrixRow CrossingRow = new(
        KernelAlgorithm.All[0], IsExtended: true, 2048, "espinudp", IsFound: false, IsOuterV6: false, "both");

    private readonly Dictionary<string, MatrixPeer> _peers;
    private readonly KernelLab _lab;
    private readonly NattTunProcess _nattTun = null!;
    private readonly Dictionary<MatrixPeer, (string In, string Out)> _droppedBefore = [];
    private IReadOnlyDictionary<string, long> _kernelErrorsBefore = new Dictionary<string, long>();

    public MatrixSession()
    {
        _peers = Rows.Append(HeaderRow).Append(CrossingRow)
            .Select((row, index) => new MatrixPeer(row, index, row == CrossingRow ? 0xffffff80 : 0)).ToDictionary(peer => peer.Row.ToString());
        _lab = new KernelLab();
        try
        {
            foreach (string address in new[] { KernelLab.OuterOfGuest.V4, KernelLab.OuterOfGuest.V6 })
            {
                Guest.Encapsulate(address, MatrixPeer.Port, Encapsulation.EspInUdp);
                Guest.Encapsulate(address, MatrixPeer.NonIkePort, Encapsulation.EspInUdpNonIke);
            }

            Guest.Ip([
                .. _peers.Values.SelectMany(peer => peer.KernelLines()),
                $"route add {MatrixPeer.OwnInner.V4} dev {KernelGuest.Device}",
                $"route add {MatrixPeer.OwnInner.V6} dev {KernelGuest.Device}"]);
            string confs = Directory.CreateDirectory(Path.Combine(Folder, "conf.d")).FullName;
            foreach (MatrixPeer peer in _peers.Values)
            {
                peer.Conf(Path.Combine(Folder, "state")).WriteTo(Path.Combine(confs, $"{peer.Name}.conf"));
            }

            A.Run(NattTunProcess.Executable, "state", "init", "--conf", confs).OutputOrFail();
            _nattTun = new NattTunProcess(A, NattTunProcess.Executable, "--conf", confs);
            _nattTun.WaitForLine("device natt0 is up", StartLimit);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Pairwise; all of them where the environment asks for it.</summary>
    internal static IReadOnlyList<MatrixRow> Rows { get; } =
        Environment.GetEnvironmentVariable("NATT_KERNEL_MATRIX") is "full" ? MatrixRow.All : MatrixRow.Pairwise();

    internal static string ForHeaders => HeaderRow.ToString();

    /// <summary>The kernel's numbers start shortly below 2^32.</summary>
    internal static string PastThirtyTwoBits => CrossingRow.ToString();

    /// <summary>For files that are gone with the session.</summary>
    internal string Folder { get; } = Directory.CreateTempSubdirectory("natt-matrix-").FullName;

    internal NetworkNamespace A => _lab.A;

    internal KernelGuest Guest => _lab.Guest;

    public string NattTunLog => _nattTun.Log;

    /// <summary>A peer of that row, once it has answered.</summary>
    internal MatrixPeer Await(string row)
    {
        MatrixPeer peer = _peers[row];
        _nattTun.WaitForLine($"peer {peer.Name} is up", StartLimit);
        return peer;
    }

    /// <summary>Echo requests of these sizes, one after the other; each answer must bring back what was sent.</summary>
    /// <param name="fromKernel">Else natt-tun's host asks.</param>
    /// <param name="sizes">Octets of payload, as <c>0 100-200</c>.</param>
    internal void AssertEchoes(MatrixPeer peer, bool fromKernel, string sizes)
    {
        foreach ((string own, string kernel) in peer.Pairs())
        {
            (string from, string to) = fromKernel ? (kernel, own) : (own, kernel);
            CommandResult result = Echoes.Run(
                command => fromKernel ? Guest.Run(command) : A.Run(StartLimit, command), from, to, sizes);
            Assert.True(
                result.Succeeded,
                $"{from} to {to}: {result.Output}{result.Error}\n{peer.Row}\n{NattTunLog}\n{Guest.Run("ip", "-s", "xfrm", "state").Output}");
        }
    }

    /// <summary>Neither end threw away a packet, and natt-tun knows how the kernel frames.</summary>
    internal void AssertNothingDropped(MatrixPeer peer)
    {
        JsonElement status = StatusOf(peer);
        Assert.Equal(_droppedBefore.GetValueOrDefault(peer, ("{}", "{}")), DropsOf(status));
        Assert.Equal(peer.Row.Framing, status.GetProperty("framing").GetString());
        Assert.Equal(_kernelErrorsBefore, Guest.Errors());
    }

    /// <summary>What a flow as fast as it can be costs is not counted.</summary>
    internal void ForgetDropped(MatrixPeer peer)
    {
        _droppedBefore[peer] = DropsOf(StatusOf(peer));
        _kernelErrorsBefore = Guest.Errors();
    }

    public void Dispose()
    {
        _nattTun?.Dispose();
        _lab?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static (string In, string Out) DropsOf(JsonElement status) =>
        (status.GetProperty("in").GetProperty("drops").GetRawText(), status.GetProperty("out").GetProperty("drops").GetRawText());

    private JsonElement StatusOf(MatrixPeer peer)
    {
        using var report = JsonDocument.Parse(A.Run(StartLimit, NattTunProcess.Executable, "status", "--json").OutputOrFail());
        return report.RootElement.GetProperty("peers").EnumerateArray().Single(
            candidate => candidate.GetProperty("name").GetString() == peer.Name).Clone();
    }
}
