using NatT.Tunnel.Control;

namespace NatT.Cli;

/// <summary><c>natt-tun stop</c>: ends the running natt-tun as SIGTERM does, and waits for it.</summary>
internal sealed class StopCommand(StopOptions options) : ControlCommand(options)
{
    public static readonly CommandHelp Help = new()
    {
        Command = "natt-tun stop",
        Summary = "Ends a running natt-tun and waits until device, addresses and routes are gone.",
        Usage = "sudo natt-tun stop [--tun NAME | --conf FILE]",
        Epilogue =
        [
            "It does what SIGTERM and Ctrl-C do: the next start goes on with exactly the next sequence numbers. Where natt-tun has not",
            "ended after 15 seconds, one line says how to kill it.",
            "",
            "Exit status: 0 it has ended, 1 it has not, or none runs, 2 an argument or the conf is wrong.",
        ],
    };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    protected override async Task<int> RunAsync(ControlClient client, CancellationToken interrupted)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(interrupted);
        timeout.CancelAfter(Patience);
        int? pid = null;
        try
        {
            pid = (await AskAsync(client, new ControlRequest(ControlRequest.Stop), timeout.Token).ConfigureAwait(false)).StoppingPid;
            await client.WaitForEndAsync(timeout.Token).ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (OperationCanceledException) when (!interrupted.IsCancellationRequested)
        {
            string remedy = pid is null ? "" : $"; to end it at once: kill -9 {pid}";
            throw new CommandException($"natt-tun has not ended within {Patience.TotalSeconds:0} seconds{remedy}");
        }
    }
}
