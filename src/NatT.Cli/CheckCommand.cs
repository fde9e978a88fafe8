using NatT.Cli.Checks;
using NatT.Linux;
using NatT.Tunnel.Configuration;

namespace NatT.Cli;

/// <summary><c>natt-tun check</c>: what is wrong with confs, then with this machine for them. Changes nothing.</summary>
internal static class CheckCommand
{
    private const string Command = "natt-tun check";
    private const int DefaultSeconds = 60;
    private const int LongestSeconds = 3600;

    public static CommandHelp Help { get; } = new()
    {
        Command = Command,
        Summary = "Says what is wrong with confs, or with this machine for them. Changes nothing.",
        Usage = $"sudo {Command} --conf FILE|FOLDER... [--listen [--seconds N]]",
        Epilogue =
        [
            "First the confs: every problem of each, and what keeps them from going together. Where they are good, the machine:",
            "clock, state_dir, UDP port, address and interface, TUN device and permission to make it, route to each peer and",
            "the MTU that is left, forwarding, and other routes to the peers' networks. Each problem is one line with its",
            "remedy, on standard error; what is well goes to standard output. It may run beside the natt-tun of these confs.",
            "Run it as the user who will run natt-tun: that is whose permissions count.",
            "",
            "With --listen it says after that why a tunnel carries nothing: a key, SPI, suite, icv_bits, esn, espmode or inner",
            "address that the two ends do not agree on, or that nothing arrives at all. Where natt-tun runs, it asks that one, which",
            "probes its peers; else it takes the UDP port for a minute and never sends. It ends as soon as every peer was heard.",
            "",
            "Exit status: 0 all is well, 1 the machine lacks something, 2 a conf or an argument is wrong.",
        ],
    };

    public static async Task<int> ExecuteAsync(CheckOptions options)
    {
        if (options.Seconds is int seconds && (!options.Listen || seconds is < 1 or > LongestSeconds))
        {
            return CommandArguments.Refuse(Command, $"--seconds goes with --listen and is a number from 1 to {LongestSeconds}");
        }

        try
        {
            using ConfSet confs = ConfSet.Load(options.Conf, ConfFileAccess.Inspect);
            foreach (ConfProblem problem in confs.Problems)
            {
                Console.Error.WriteLine(problem);
            }

            return confs.IsValid ? await CheckAsync(confs, confs.Process, options).ConfigureAwait(false) : ExitCode.ConfigurationError;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"{Command}: {e.Message}");
            return ExitCode.MachineProblem;
        }
    }

    private static async Task<int> CheckAsync(ConfSet confs, ProcessConf process, CheckOptions options)
    {
        var findings = new Findings(Console.Out, Console.Error);
        findings.Well(confs.Peers is [PeerConf only]
            ? $"{only.File} is a good conf"
            : $"{confs.Peers.Length} confs are good and go together");
        foreach (ConfNotice notice in confs.Peers.SelectMany(conf => conf.Notices))
        {
            findings.Note(notice.Text);
        }

        bool isRunning = CheckProcess(confs, new ProcessCheck(process, findings), findings);
        using var netlink = new RouteNetlink();
        await new PathCheck(confs, process, netlink, findings).RunAsync().ConfigureAwait(false);
        new InnerCheck(confs, process, findings).Run();
        new RouteCheck(confs, process, netlink, findings).Run();
        if (options.Listen)
        {
            await ListenAsync(confs, process, options, isRunning, findings).ConfigureAwait(false);
        }

        if (findings.Problems > 0)
        {
            return ExitCode.MachineProblem;
        }

        Console.Out.WriteLine("all is well");
        return ExitCode.Success;
    }

    private static async Task ListenAsync(ConfSet confs, ProcessConf process, CheckOptions options, bool isRunning, Findings findings)
    {
        int seconds = options.Seconds ?? DefaultSeconds;
        if (isRunning)
        {
            await new RunningListenCheck(options.Conf, findings, seconds).RunAsync().ConfigureAwait(false);
        }
        else
        {
            new ListenCheck(confs, process, findings, seconds).Run();
        }
    }

    /// <summary>Whether a natt-tun of these confs runs.</summary>
    private static bool CheckProcess(ConfSet confs, ProcessCheck check, Findings findings)
    {
        check.CheckClock(TimeProvider.System.GetUtcNow());
        check.CheckUser();
        string? holder = check.FindHolder();
        if (holder is not null && StateHolder.Runs(holder, confs.Peers.Select(conf => conf.File)))
        {
            findings.Well($"natt-tun is running ({holder}): state_dir, UDP port and TUN device are in use by it");
            return true;
        }

        if (holder is null)
        {
            check.CheckStateDirectory();
            check.CheckRecords(confs.Peers);
        }
        else
        {
            findings.Problem($"state_dir {confs.Process!.StateDirectory} is in use by {holder}: "
                + "give this natt-tun a state_dir of its own, or stop that one");
        }

        check.CheckSocket();
        check.CheckDevice();
        return false;
    }
}
