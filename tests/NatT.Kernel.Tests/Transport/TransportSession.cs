using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests.Transport;

/// <summary>One kernel, and one natt-tun that speaks transport mode with several addresses of it.</summary>
public sealed class TransportSession : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("natt-transport-").FullName;
    private readonly KernelLab _lab;
    private readonly NattTunProcess _nattTun = null!;

    public TransportSession()
    {
        _lab = new KernelLab();
        try
        {
            Guest.Ip(Peers.Select(peer => peer.AddressLine()));
            Guest.Ip(Peers.SelectMany(peer => peer.XfrmLines()));
            string confs = Directory.CreateDirectory(Path.Combine(_folder, "conf.d")).FullName;
            foreach (TransportPeer peer in Peers)
            {
                peer.OpenSocket(Guest);
                peer.Conf(Path.Combine(_folder, "state")).WriteTo(Path.Combine(confs, $"{peer.Name}.conf"));
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

    internal static IReadOnlyList<TransportPeer> Peers { get; } =
    [
        new("cbc-ipv4", "aes-cbc-hmac-sha256", "espinudp", isIPv6: false, 0),
        new("gcm-ipv4-nonike", "aes-gcm-16", MatrixRow.NonIke, isIPv6: false, 1),
        new("gcm-ipv6", "aes-gcm-16", "espinudp", isIPv6: true, 2),
        new("cbc-ipv6-nonike", "aes-cbc-hmac-sha256", MatrixRow.NonIke, isIPv6: true, 3),
    ];

    internal NetworkNamespace A => _lab.A;

    internal KernelGuest Guest => _lab.Guest;

    public string NattTunLog => _nattTun.Log;

    /// <summary>The peer of that name, once it has answered a probe.</summary>
    internal TransportPeer Await(string name)
    {
        _nattTun.WaitForLine($"peer {name} is up", StartLimit);
        return Peers.Single(peer => peer.Name == name);
    }

    internal JsonElement StatusOf(TransportPeer peer)
    {
        using var report = JsonDocument.Parse(A.Run(StartLimit, NattTunProcess.Executable, "status", "--json").OutputOrFail());
        return report.RootElement.GetProperty("peers").EnumerateArray().Single(
            candidate => candidate.GetProperty("name").GetString() == peer.Name).Clone();
    }

    public void Dispose()
    {
        _nattTun?.Dispose();
        _lab?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
