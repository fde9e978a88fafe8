using System.Collections.Immutable;
using NatT.Tunnel.Control;

namespace NatT.Cli;

/// <summary><c>natt-tun probe</c>: one echo a peer through the running tunnel.</summary>
internal sealed class ProbeCommand(ProbeOptions options) : ControlCommand(options)
{
    public static readonly CommandHelp Help = new()
    {
        Command = "natt-tun probe",
        Summary = "Asks the peers of a running natt-tun for an answer, now.",
        Usage = "sudo natt-tun probe [PEER...] [--tun NAME | --conf FILE]",
        Epilogue =
        [
            "PEER is a name as natt-tun status shows it. Without one, all are asked. Names go before --conf.",
            "",
            "One ICMP echo to each peer through the tunnel, from our first inner address to its dpd_target or first inner",
            "address. A peer that has not answered after a second is asked again, three times in all.",
            "",
            "Exit status: 0 all answered, 1 one did not or is not known, or no natt-tun runs, 2 an argument or the conf is wrong.",
        ],
    };

    /// <summary>One line a peer.</summary>
    public static string Format(ProbeResult result)
    {
        string endpoint = result.Endpoint is string known ? $" at {known}" : "";
        return result switch
        {
            { RttMs: double rtt } => $"{result.Name}{endpoint}: {Quantity.Milliseconds(rtt)}{After(result.Misses)}",
            { Problem: string problem } => $"{result.Name}{endpoint}: {problem}",
            _ => $"{result.Name}{endpoint}: no answer to {result.Misses} probes",
        };
    }

    protected override async Task<int> RunAsync(ControlClient client, CancellationToken interrupted)
    {
        var request = new ControlRequest(ControlRequest.Probe) { Peers = options.Operands.Any() ? [.. options.Operands] : null };
        ControlAnswer answer = await AskAsync(client, request, interrupted).ConfigureAwait(false);
        ImmutableArray<ProbeResult> results =
            answer.Probe ?? throw new CommandException("natt-tun answered something else than its probes");
        foreach (ProbeResult result in results)
        {
            Console.Out.WriteLine(Format(result));
        }

        return results.All(result => result.RttMs is not null) ? ExitCode.Success : ExitCode.MachineProblem;
    }

    private static string After(int misses) => misses switch
    {
        0 => "",
        1 => " after 1 miss",
        _ => $" after {misses} misses",
    };
}
