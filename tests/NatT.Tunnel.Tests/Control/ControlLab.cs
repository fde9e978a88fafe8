using System.Text;
using NatT.Tunnel.Control;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Control;

/// <summary>End A of an in-memory tunnel, with what answers an operator's questions about it.</summary>
internal sealed class ControlLab : IDisposable
{
    public ControlLab(params string[] linesOfA)
    {
        Tunnel = new TunnelLab(a: linesOfA);
        TunnelEnd end = Tunnel.A;
        Reporter = new StatusReporter(
            end.Device.Name, end.Socket.LocalEndpoint, end.Roster.Table, end.Inbound.Counters, end.Outbound.Counters, end.KernelQueues, Tunnel.Time);

        // Rounds of probes wait in real time for what the tests make happen in the lab's.
        Verbs = new ControlVerbs(Reporter, TimeProvider.System, end.Diagnosis);
    }

    public TunnelLab Tunnel { get; }

    public StatusReporter Reporter { get; }

    public ControlVerbs Verbs { get; }

    /// <summary>The report's only peer.</summary>
    public PeerStatus PeerStatus => Assert.Single(Reporter.Report().Peers);

    public async Task<ControlAnswer> AskAsync(string line) =>
        await Verbs.AnswerAsync(Encoding.UTF8.GetBytes(line), CancellationToken.None);

    public void Dispose() => Tunnel.Dispose();
}
