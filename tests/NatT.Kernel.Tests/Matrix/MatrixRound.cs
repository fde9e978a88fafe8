using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;

namespace NatT.Kernel.Tests.Matrix;

/// <summary>Pings of every row in both directions, all in one go: a row's packets cost less than a program that starts in the guest.</summary>
internal sealed class MatrixRound
{
    /// <summary>Around the lengths at which padding begins anew.</summary>
    private const string Sizes = "0 1 56 57";

    /// <summary>Generous: a busy machine may be ten times slower.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(20);

    private readonly Dictionary<MatrixPeer, List<string>> _faults;

    public MatrixRound(MatrixSession session, IReadOnlyList<MatrixPeer> peers)
    {
        KernelErrorsBefore = session.KernelErrorsBefore;
        _faults = peers.ToDictionary(peer => peer, _ => new List<string>());
        IReadOnlyList<MatrixPeer> up = session.AwaitAll(peers, Limit);
        foreach (MatrixPeer peer in peers.Except(up))
        {
            _faults[peer].Add("it never answered");
        }

        (MatrixPeer Peer, string From, string To)[] toKernel =
            [.. up.SelectMany(peer => peer.Pairs().Select(pair => (peer, pair.Own, pair.Kernel)))];
        (MatrixPeer Peer, string From, string To)[] fromKernel =
            [.. up.SelectMany(peer => peer.KernelPairs().Select(pair => (peer, pair.Kernel, pair.Own)))];
        Note("natt-tun asks", toKernel, Echoes.RunAll(
            command => session.A.Run(Limit, command),
            Path.Combine(session.Folder, "to-kernel"),
            toKernel.Select(pair => (pair.From, pair.To)),
            Sizes));
        Note("the kernel asks", fromKernel, Echoes.RunAll(
            command => session.Guest.Run(Limit, command),
            Path.Combine(session.Folder, "from-kernel"),
            fromKernel.Select(pair => (pair.From, pair.To)),
            Sizes));
        IReadOnlyDictionary<string, JsonElement> reports = session.Reports();
        foreach (MatrixPeer peer in up)
        {
            Note(peer, reports[peer.Name]);
        }

        KernelErrorsAfter = session.Guest.Errors();
    }

    /// <summary>The kernel's counters of what went wrong with ESP, as far as other tests account for it.</summary>
    public IReadOnlyDictionary<string, long> KernelErrorsBefore { get; }

    public IReadOnlyDictionary<string, long> KernelErrorsAfter { get; }

    public string? FaultOf(MatrixPeer peer) => _faults[peer].Count == 0 ? null : string.Join('\n', _faults[peer]);

    private void Note(string who, IReadOnlyList<(MatrixPeer Peer, string From, string To)> pairs, IReadOnlyList<string?> results)
    {
        foreach (((MatrixPeer peer, _, _), string? result) in pairs.Zip(results))
        {
            if (result is not null)
            {
                _faults[peer].Add($"{who}: {result}");
            }
        }
    }

    /// <summary>natt-tun must have thrown nothing away, and know how the kernel frames.</summary>
    private void Note(MatrixPeer peer, JsonElement report)
    {
        foreach (string direction in new[] { "in", "out" })
        {
            string drops = report.GetProperty(direction).GetProperty("drops").GetRawText();
            if (drops != "{}")
            {
                _faults[peer].Add($"natt-tun dropped {direction}: {drops}");
            }
        }

        string? framing = report.GetProperty("framing").GetString();
        if (framing != peer.Row.Framing)
        {
            _faults[peer].Add($"natt-tun takes the framing for {framing}");
        }
    }
}
