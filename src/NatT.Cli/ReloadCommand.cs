using NatT.Tunnel.Control;

namespace NatT.Cli;

/// <summary><c>natt-tun reload</c>: has the running natt-tun read its confs again.</summary>
internal sealed class ReloadCommand(ReloadOptions options) : ControlCommand(options)
{
    public static readonly CommandHelp Help = new()
    {
        Command = "natt-tun reload",
        Summary = "Makes a running natt-tun read its confs again, without losing a packet.",
        Usage = "sudo natt-tun reload [--tun NAME | --conf FILE]",
        Epilogue =
        [
            "It reads the files and folders it was started with, as on SIGHUP. Peers are added, changed and removed; the others go on",
            "undisturbed. Where anything is wrong, everything goes on as it was, and each problem is one line with its remedy.",
            "",
            "New keys, without loss: write next_spi_in, next_spi_out, next_enc_in, next_enc_out, next_auth_in and next_auth_out beside",
            "the keys in both ends' confs (natt-tun keygen --next does it), and reload each end, in any order, minutes apart if need",
            "be. Traffic moves to the next keys once each end has them; natt-tun status shows it. Then natt-tun keygen --promote",
            "makes them the conf's only keys.",
            "",
            "What holds for the process (ori_local_public_ip, ori_local_port, local_default_if, tun_name, mtu, state_dir, workers,",
            "tun_offload, udp_offload) cannot change by a reload.",
            "",
            "Exit status: 0 the confs are in use, 1 no natt-tun runs, 2 something is wrong, and all goes on as it was.",
        ],
    };

    protected override async Task<int> RunAsync(ControlClient client, CancellationToken interrupted)
    {
        ControlAnswer answer = await AskAsync(client, new ControlRequest(ControlRequest.Reload), interrupted).ConfigureAwait(false);
        ReloadOutcome outcome = answer.Reload ?? throw new CommandException("natt-tun answered something else than what became of it");
        foreach (string line in outcome.Problems)
        {
            Console.Error.WriteLine(line);
        }

        if (!outcome.Problems.IsEmpty)
        {
            Console.Error.WriteLine("natt-tun: not reloaded, all goes on as it was");
            return ExitCode.ConfigurationError;
        }

        foreach (string line in outcome.Changes.DefaultIfEmpty("nothing has changed"))
        {
            Console.Out.WriteLine(line);
        }

        return ExitCode.Success;
    }
}
