using System.Globalization;
using System.Text.RegularExpressions;
using NatT.EndToEnd.Tests.Lab;
using NatT.Interop.Tests.Link;
using Capture = NatT.EndToEnd.Tests.Lab.Capture;

namespace NatT.Interop.Tests.Scapy;

/// <summary>One run of <c>edge_packets.py</c> against one natt-tun whose device is captured; the tests look at what it left.</summary>
public sealed partial class EdgePacketSession : IDisposable
{
    // Not where all tests are skipped.
    private readonly Lazy<Session> _session = new(Run);

    /// <summary>How many packets of this case natt-tun gave to its device; those that also match the filter, if there is one.</summary>
    public int Delivered(string name, string? filter = null)
    {
        string ofTheCase = $"udp dst port {_session.Value.Ports[name]}";
        return _session.Value.Inner.Count(filter is null ? ofTheCase : $"{ofTheCase} and {filter}");
    }

    /// <summary>As natt-tun counted them by the time it was stopped, all cases together.</summary>
    public int Drops(string reason) => DropPattern().Matches(_session.Value.NattTunLog)
        .Where(match => match.Groups["reason"].Value == reason)
        .Sum(match => int.Parse(match.Groups["count"].Value, CultureInfo.InvariantCulture));

    /// <summary>Whether natt-tun said so.</summary>
    public bool Says(string text) => _session.Value.NattTunLog.Contains(text, StringComparison.Ordinal);

    /// <summary>Fails where the tunnel did not work after all that.</summary>
    public void AssertFinished() => Assert.NotEmpty(_session.Value.Ports);

    public void Dispose()
    {
        if (_session.IsValueCreated)
        {
            _session.Value.Inner.Dispose();
        }
    }

    private static Session Run()
    {
        using var peer = new ScapyPeer();
        // Whatever holds with shared keys and a short ICV holds with others, but not the other way round.
        peer.WithSharedKeys().With("icv_bits", "96").With("espmode", "espinudp-nonike");
        peer.Start("edge_packets.py");
        var inner = new Capture(peer.A.Host, TestPeer.Device, "udp dst portrange 7000-7099");
        peer.Tell();
        peer.WaitForLine("sent all cases");

        peer.WaitForLine("serving");
        peer.AssertAnswers();
        inner.StopLate();
        peer.AssertContent();
        peer.A.Process.Stop();

        Dictionary<string, int> ports = CasePattern().Matches(peer.ScriptLog).ToDictionary(
            match => match.Groups["name"].Value, match => int.Parse(match.Groups["port"].Value, CultureInfo.InvariantCulture));
        return new Session(inner, ports, peer.A.Process.Log);
    }

    [GeneratedRegex(@"^case (?<port>\d+) (?<name>.+)$", RegexOptions.Multiline)]
    private static partial Regex CasePattern();

    [GeneratedRegex(@"(?<=dropped .*)\b(?<count>\d+) (?<reason>\w+)")]
    private static partial Regex DropPattern();

    private sealed record Session(Capture Inner, IReadOnlyDictionary<string, int> Ports, string NattTunLog);
}
