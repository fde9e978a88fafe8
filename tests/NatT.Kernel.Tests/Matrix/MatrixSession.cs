using System.Diagnostics;
using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;

namespace NatT.Kernel.Tests.Matrix;

/// <summary>One kernel and one natt-tun, to whom every row is a peer of its own.</summary>
public sealed class MatrixSession : IDisposable
{
    /// <summary>Before the first of a peer whose numbers cross 2^32.</summary>
    private const uint LastNumber = 0xffffff80;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);
    private static readonly bool IsFull = Environment.GetEnvironmentVariable("NATT_KERNEL_MATRIX") is "full";

    /// <summary>A row by itself, so that what is thrown away on purpose is nowhere else.</summary>
    private static readonly IReadOnlyList<MatrixRow> HeaderRows =
    [
        .. from isOuterV6 in new[] { false, true }
           select new MatrixRow(KernelAlgorithm.All[0], IsExtended: false, 512, "espinudp", IsFound: false, isOuterV6, "both"),
    ];

    private static readonly IReadOnlyList<MatrixRow> SuiteRows =
    [
        .. (IsFull ? KernelAlgorithm.All : KernelAlgorithm.Suites).Select(algorithm => new MatrixRow(
            algorithm, IsExtended: false, 2048, "espinudp", IsFound: true, IsOuterV6: false, "both")),
    ];

    private static readonly MatrixRow CrossingRow = new(
        KernelAlgorithm.All[0], IsExtended: true, 2048, "espinudp", IsFound: false, IsOuterV6: false, "both");

    private readonly Dictionary<string, MatrixPeer> _peers;
    private readonly Lazy<MatrixRound> _round;
    private readonly KernelLab _lab;
    private readonly NattTunProcess _nattTun = null!;
    private readonly Dictionary<MatrixPeer, (string In, string Out)> _droppedBefore = [];

    public MatrixSession()
    {
        _peers = Rows.Concat(SuiteRows).Concat(HeaderRows).Append(CrossingRow)
            .Select((row, index) => new MatrixPeer(row, index, row == CrossingRow ? LastNumber : 0)).ToDictionary(peer => peer.Row.ToString());
        _round = new Lazy<MatrixRound>(() => new MatrixRound(this, [.. Rows.Select(row => _peers[row.ToString()])]));
        _lab = new KernelLab();
        try
        {
            A.Ip($"route add {MatrixPeer.TransportNetworks.V4} via {KernelLab.OuterOfGuest.V4}");
            A.Ip($"route add {MatrixPeer.TransportNetworks.V6} via {KernelLab.OuterOfGuest.V6}");
            foreach (string address in new[] { "0.0.0.0", "::" })
            {
                Guest.Encapsulate(address, MatrixPeer.Port, Encapsulation.EspInUdp);
                Guest.Encapsulate(address, MatrixPeer.NonIkePort, Encapsulation.EspInUdpNonIke);
            }

            Guest.Ip([
                .. _peers.Values.SelectMany(peer => peer.KernelLines()),
                .. ForeignToKernel.KernelLines(),
                .. TransportLines(),
                $"route add {MatrixPeer.OwnInner.V4} dev {KernelGuest.Device}",
                $"route add {MatrixPeer.OwnInner.V6} dev {KernelGuest.Device}"]);
            string state = Path.Combine(Folder, "state");
            string confs = Directory.CreateDirectory(Path.Combine(Folder, "conf.d")).FullName;
            foreach (MatrixPeer peer in _peers.Values)
            {
                peer.Conf(state).WriteTo(Path.Combine(confs, $"{peer.Name}.conf"));
            }

            ForeignToNattTun.NattTunConf(state).WriteTo(Path.Combine(confs, $"{ForeignPeer.Name}.conf"));
            string crossing = Path.Combine(confs, $"{_peers[PastThirtyTwoBits].Name}.conf");
            A.Run(NattTunProcess.Executable, "state", "init", "--conf", crossing).OutputOrFail();
            SequenceJournal.StartAfter(LastNumber, Path.Combine(state, "journal"));
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
        IsFull ? MatrixRow.All : MatrixRow.Pairwise();

    /// <summary>For lengths and rates: one of each suite; of each algorithm where the environment asks for all.</summary>
    internal static IEnumerable<string> Suites => SuiteRows.Select(row => row.Algorithm.Name);

    internal static string ForHeaders(string outer) => HeaderRows.Single(row => row.IsOuterV6 == (outer == "IPv6")).ToString();

    /// <summary>Both ends' numbers start shortly below 2^32.</summary>
    internal static string PastThirtyTwoBits => CrossingRow.ToString();

    /// <summary>For files that are gone with the session.</summary>
    internal string Folder { get; } = Directory.CreateTempSubdirectory("natt-matrix-").FullName;

    internal ForeignPeer ForeignToNattTun { get; } = ForeignPeer.OfNattTun();

    internal ForeignPeer ForeignToKernel { get; } = ForeignPeer.OfKernel();

    /// <summary>What iperf3 measured between natt-tun and the kernel, in Mbit/s.</summary>
    internal Dictionary<string, (double ToKernel, double FromKernel)> Rates { get; } = [];

    /// <summary>The kernel's errors that are accounted for.</summary>
    internal IReadOnlyDictionary<string, long> KernelErrorsBefore { get; private set; } = new Dictionary<string, long>();

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

    /// <summary>The peer of that algorithm for lengths and rates.</summary>
    internal MatrixPeer AwaitSuite(string algorithm) => Await(SuiteRows.Single(row => row.Algorithm.Name == algorithm).ToString());

    /// <summary>What was wrong with that row's pings, or null.</summary>
    internal string? FaultOf(string row) => _round.Value.FaultOf(_peers[row]);

    internal void AssertNoKernelErrorsWithRows() => Assert.Equal(_round.Value.KernelErrorsBefore, _round.Value.KernelErrorsAfter);

    /// <summary>Of these peers those that answered in time.</summary>
    internal IReadOnlyList<MatrixPeer> AwaitAll(IReadOnlyList<MatrixPeer> peers, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            IReadOnlyDictionary<string, JsonElement> reports = Reports();
            IReadOnlyList<MatrixPeer> up = [.. peers.Where(peer => reports[peer.Name].GetProperty("state").GetString() == "up")];
            if (up.Count == peers.Count || Stopwatch.GetElapsedTime(start) > limit)
            {
                return up;
            }

            Thread.Sleep(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>What natt-tun says of its peers, by name.</summary>
    internal IReadOnlyDictionary<string, JsonElement> Reports()
    {
        using var report = JsonDocument.Parse(A.Run(StartLimit, NattTunProcess.Executable, "status", "--json").OutputOrFail());
        return report.RootElement.GetProperty("peers").EnumerateArray().ToDictionary(
            peer => peer.GetProperty("name").GetString()!, peer => peer.Clone());
    }

    /// <summary>Echo requests of these sizes, one after the other; each answer must bring back what was sent.</summary>
    /// <param name="fromKernel">Else natt-tun's host asks.</param>
    /// <param name="sizes">Octets of payload, as <c>0 100-200</c>.</param>
    internal void AssertEchoes(MatrixPeer peer, bool fromKernel, string sizes)
    {
        foreach ((string from, string to) in fromKernel ? peer.KernelPairs() : peer.Pairs())
        {
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
        JsonElement status = Reports()[peer.Name];
        Assert.Equal(_droppedBefore.GetValueOrDefault(peer, ("{}", "{}")), DropsOf(status));
        Assert.Equal(peer.Row.Framing, status.GetProperty("framing").GetString());
        Assert.Equal(KernelErrorsBefore, Guest.Errors());
    }

    /// <summary>What a flow as fast as it can be costs is not counted.</summary>
    internal void ForgetDropped(MatrixPeer peer)
    {
        _droppedBefore[peer] = DropsOf(Reports()[peer.Name]);
        KernelErrorsBefore = Guest.Errors();
    }

    public void Dispose()
    {
        if (IsFull)
        {
            PrintTable();
        }

        _nattTun?.Dispose();
        _lab?.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static (string In, string Out) DropsOf(JsonElement status) =>
        (status.GetProperty("in").GetProperty("drops").GetRawText(), status.GetProperty("out").GetProperty("drops").GetRawText());

    /// <summary>What brings the protected packets must not have to be protected itself.</summary>
    private static IEnumerable<string> TransportLines() =>
        from address in new[] { "0.0.0.0/0", "::/0" }
        from port in new[] { MatrixPeer.Port, MatrixPeer.NonIkePort }
        select $"xfrm policy add src {address} dst {address} proto udp dport {port} dir in priority 1";

    /// <summary>As README.md has it.</summary>
    private void PrintTable()
    {
        Measured.Print($"Linux {Guest.Version}: rows that passed; Mbit/s to and from the kernel");
        foreach (IGrouping<KernelAlgorithm, MatrixRow> rows in Rows.GroupBy(row => row.Algorithm))
        {
            (double toKernel, double fromKernel) = Rates.GetValueOrDefault(rows.Key.Name);
            int passed = _round.IsValueCreated ? rows.Count(row => FaultOf(row.ToString()) is null) : 0;
            Measured.Print($"| {rows.Key.Name} | {passed} of {rows.Count()} | {toKernel:F0} | {fromKernel:F0} |");
        }
    }
}
