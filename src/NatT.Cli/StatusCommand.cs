using System.Text.Json;
using NatT.Tunnel.Control;

namespace NatT.Cli;

/// <summary><c>natt-tun status</c>: how the tunnel is doing, for people, for programs, or over and over.</summary>
internal sealed class StatusCommand(StatusOptions options) : ControlCommand(options)
{
    public static readonly CommandHelp Help = new()
    {
        Command = "natt-tun status",
        Summary = "Shows how a running natt-tun and each of its peers are doing.",
        Usage = "sudo natt-tun status [--tun NAME | --conf FILE] [--json] [--watch]",
        Epilogue =
        [
            "A peer is up, lost (it answers no probes any more) or never heard. LAST HEARD is its last authentic, fresh packet;",
            "RTT the last probe's round trip. IN and OUT are of inner packets: the last second's rate, and octets since natt-tun",
            "started. Below the table stands how many packets were dropped, and why. --json has more, under names that stay;",
            "ARCHITECTURE.md says what each is. With --json --watch, every second's report is one line.",
            "",
            "Exit status: 0 shown, 1 no natt-tun answers, 2 an argument or the conf is wrong.",
        ],
    };

    private const string ClearScreen = "\e[H\e[2J\e[3J";
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    protected override async Task<int> RunAsync(ControlClient client, CancellationToken interrupted)
    {
        if (!options.Watch)
        {
            Console.Out.WriteLine(Format(await ReportAsync(client, interrupted).ConfigureAwait(false)));
            return ExitCode.Success;
        }

        try
        {
            using var timer = new PeriodicTimer(Period);
            do
            {
                string text = Format(await ReportAsync(client, interrupted).ConfigureAwait(false));
                Console.Out.WriteLine(Console.IsOutputRedirected ? text : ClearScreen + text);
            }
            while (await timer.WaitForNextTickAsync(interrupted).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C is how watching ends.
        }

        return ExitCode.Success;
    }

    private static async Task<StatusReport> ReportAsync(ControlClient client, CancellationToken interrupted)
    {
        ControlAnswer answer = await AskAsync(client, new ControlRequest(ControlRequest.Status), interrupted).ConfigureAwait(false);
        return answer.Status ?? throw new CommandException("natt-tun answered something else than its status");
    }

    private string Format(StatusReport report) =>
        !options.Json ? StatusTable.Format(report)
        : options.Watch ? JsonSerializer.Serialize(report, ControlJson.Default.StatusReport)
        : JsonSerializer.Serialize(report, ControlJson.Indented.StatusReport);
}
