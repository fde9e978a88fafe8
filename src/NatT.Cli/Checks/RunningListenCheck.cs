using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using NatT.Tunnel.Control;
using NatT.Tunnel.Diagnosis;

namespace NatT.Cli.Checks;

/// <summary>
/// Where natt-tun runs: has it ask its peers for fresh answers, and tells what it found out about those that give none. Ends early once
/// every peer has answered.
/// </summary>
internal sealed class RunningListenCheck(IEnumerable<string> confFiles, Findings findings, int seconds)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Seconds; natt-tun says everything again after a minute, if it still holds.</summary>
    private const int Recent = 60;

    private readonly HashSet<string> _answered = [];

    public async Task RunAsync()
    {
        try
        {
            var daemon = new RunningDaemon(new ProbeOptions { Conf = confFiles });
            using ControlClient client = await daemon.ConnectAsync(CancellationToken.None).ConfigureAwait(false);
            StatusReport before = await StatusAsync(client).ConfigureAwait(false);
            await ProbeAsync(client, before.Peers.Length).ConfigureAwait(false);
            ControlAnswer answer = await client.AskAsync(new ControlRequest(ControlRequest.Diagnosis), CancellationToken.None).ConfigureAwait(false);
            StatusReport after = await StatusAsync(client).ConfigureAwait(false);
            Report(before, after, answer.Diagnosis ?? []);
        }
        catch (Exception e) when (e is CommandException or IOException or SocketException)
        {
            findings.Problem(e.Message);
        }
    }

    private static async Task<StatusReport> StatusAsync(ControlClient client)
    {
        ControlAnswer answer = await client.AskAsync(new ControlRequest(ControlRequest.Status), CancellationToken.None).ConfigureAwait(false);
        return answer.Status ?? throw new CommandException("natt-tun answered something else than its status");
    }

    private async Task ProbeAsync(ControlClient client, int peers)
    {
        long start = Stopwatch.GetTimestamp();
        while (_answered.Count < peers)
        {
            ControlAnswer answer = await client.AskAsync(new ControlRequest(ControlRequest.Probe), CancellationToken.None).ConfigureAwait(false);
            foreach (ProbeResult result in answer.Probe ?? [])
            {
                if (result.RttMs is not null && _answered.Add(result.Name))
                {
                    findings.Well($"peer {result.Name} answers at {result.Endpoint}");
                }
            }

            if (Stopwatch.GetElapsedTime(start).TotalSeconds >= seconds)
            {
                return;
            }

            await Task.Delay(Pause).ConfigureAwait(false);
        }
    }

    private void Report(StatusReport before, StatusReport after, ImmutableArray<MismatchReport> mismatches)
    {
        bool haveAllAnswered = _answered.Count >= after.Peers.Length;
        MismatchReport[] recent = [.. mismatches.Where(mismatch => mismatch.SecondsAgo <= Math.Max(Recent, seconds))];
        foreach (MismatchReport mismatch in recent)
        {
            findings.Add(mismatch.Text, isProblem: mismatch.Proven || !haveAllAnswered);
        }

        bool hasAnythingCome = Arrived(after) > Arrived(before);
        foreach (PeerStatus peer in after.Peers)
        {
            if (!_answered.Contains(peer.Name) && recent.All(mismatch => mismatch.Peer != peer.Name))
            {
                findings.Problem($"peer {peer.Name} {Explain(peer, after.Listening, hasAnythingCome)}");
            }
        }
    }

    private string Explain(PeerStatus peer, string listening, bool hasAnythingCome)
    {
        if (peer.LastHeardSeconds <= seconds)
        {
            return $"is heard but answers no probe: what we send to {peer.Endpoint} may not reach it (its firewall or NAT, its espmode), "
                + "or it lets no ping from our inner address through (dpd_target)";
        }

        string came =
            $"is not heard: {(hasAnythingCome ? "datagrams came, but none of its" : $"no datagram came to UDP {listening} within {seconds} s")}";
        return peer.Endpoint is null
            ? $"{came}; its address is not known: write remote_public_ip, or see that it sends to an address and port of ours"
            : $"{came}: see that it runs and sends to an address and port of ours (remote_public_ip and remote_port there), that no firewall "
                + $"or NAT is in the way, and that {peer.Endpoint} is where it is";
    }

    private static long Arrived(StatusReport report) =>
        report.DropsIn.Values.Sum() + report.Peers.Sum(peer => peer.In.Packets + peer.In.Drops.Values.Sum());
}
