using System.Collections.Immutable;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Interchange;
using NatT.Tunnel.State;

namespace NatT.Cli.Import;

/// <summary><c>natt-tun import</c>: confs of tunnels that the kernel has.</summary>
internal sealed class ImportCommand
{
    private const string Command = "natt-tun import";
    private const string Xfrm = "xfrm";
    private const string Source = "stdin";
    private const string Pipe = "{ ip -d xfrm state; ip xfrm policy; } | natt-tun import xfrm";

    private readonly ImportOptions _options;
    private readonly ImmutableArray<ImportedConf> _confs;

    private ImportCommand(ImportOptions options, ImmutableArray<ImportedConf> confs)
    {
        _options = options;
        _confs = confs;
    }

    public static CommandHelp Help { get; } = new()
    {
        Command = Command,
        Summary = "With xfrm: makes confs of the kernel's tunnels, from what ip xfrm prints.",
        Usage = $"sudo sh -c '{Pipe} --out DIR'",
        Epilogue =
        [
            "Reads the text from standard input: ip -d xfrm state and ip xfrm policy, as root, in any order. Each pair of states",
            "that policies of both directions ask for becomes a conf for this end, called after the far end's address and with",
            "mode 600. What natt-tun has no equal of is one line with its place in the text, and then no conf is made. Nothing is",
            "ever overwritten without --force.",
            "",
            "States in transport mode know no addresses inside. --inner-here and --inner-there name them, for one such tunnel at a time.",
            "",
            "The records of sequence numbers are made as well, in state_dir: natt-tun starts above the numbers that the kernel",
            $"sent (oseq, and {SequenceNumbers.Leeway} more, for it counts on), and takes none from before (seq). A record that says more stays.",
            "",
            "The kernel's states and policies stay as they are. Before natt-tun runs, delete them: ip xfrm state delete, ip xfrm",
            "policy delete. If an address of the inside is on one of the machine's devices, natt-tun needs it for its own.",
            "",
            "Exit status: 0 all is made, 1 files or records cannot be written, 2 the text or an argument is wrong.",
        ],
    };

    private string[] Files => [.. _confs.Select(conf => Path.Combine(_options.Out, conf.Conf.File))];

    public static int Execute(ImportOptions options)
    {
        if (options.Operands.ToArray() is not [Xfrm])
        {
            return CommandArguments.Refuse(Command, $"the one thing it can read is {Xfrm}: {Pipe}");
        }

        if (!Console.IsInputRedirected)
        {
            return CommandArguments.Refuse(Command, $"nothing on standard input, write: {Pipe}");
        }

        if (!TryReadInner(options, out InnerEnds? inner))
        {
            return CommandArguments.Refuse(
                Command, "--inner-here and --inner-there are IP addresses, and go together: write both, such as 10.0.0.1, or none");
        }

        try
        {
            string? state = options.StateDirectory is string directory ? Path.GetFullPath(directory) : null;
            using SecretInput input = SecretInput.ReadToEnd(Console.OpenStandardInput());
            using var import = XfrmImport.Read(Source, input.Octets, state, inner);
            Tell(import.Problems.Select(problem => $"{problem}").Concat(import.Notices));
            return import.Problems.IsEmpty ? new ImportCommand(options, import.Confs).Execute() : ExitCode.ConfigurationError;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message);
        }
    }

    private static bool TryReadInner(ImportOptions options, out InnerEnds? inner)
    {
        inner = null;
        if (options is { InnerHere: null, InnerThere: null })
        {
            return true;
        }

        if (!IpAddress.TryParse(options.InnerHere, out IpAddress here) || !IpAddress.TryParse(options.InnerThere, out IpAddress there))
        {
            return false;
        }

        inner = new InnerEnds(here, there);
        return true;
    }

    private int Execute()
    {
        if (!_options.Force && Files.FirstOrDefault(Path.Exists) is string taken)
        {
            return Fail($"{taken} is there already, with keys that would be lost: choose another --out, or add --force");
        }

        string? whyNoRecords = MakeRecords();
        PrivateFile.CreateAll(_options.Out, Files, _options.Force, index => _confs[index].Octets);
        int exitCode = TellOfFiles();
        return whyNoRecords is null ? exitCode : Fail(
            $"no records of sequence numbers ({whyNoRecords}); natt-tun would start from 1, so run this again, as root, with --force");
    }

    /// <summary>What the kernel counted, for natt-tun to go on from; why it could not be written, or null.</summary>
    private string? MakeRecords()
    {
        try
        {
            using StateStore store = OwnRecords.Open(_confs[0].Conf.StateDirectory, Command, readers: []);
            store.Raise(_confs.SelectMany(Counters));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StateLockedException or StateUnavailableException)
        {
            return e.Message;
        }
    }

    private static IEnumerable<(AssociationFingerprint Fingerprint, AssociationDirection Direction, ulong Number)> Counters(
        ImportedConf conf)
    {
        yield return (
            conf.Conf.Outbound.FingerprintAs(AssociationDirection.Outbound),
            AssociationDirection.Outbound,
            SequenceNumbers.Beyond(conf.Numbers.LastSent) + 1);
        if (conf.Numbers.LastReceived > 0 && conf.Conf.ReplayWindow > 0)
        {
            yield return (
                conf.Conf.Inbound.FingerprintAs(AssociationDirection.Inbound), AssociationDirection.Inbound, conf.Numbers.LastReceived);
        }
    }

    /// <summary>What there is to know of them, now that they lie where they are; whether natt-tun would take each.</summary>
    private int TellOfFiles()
    {
        bool areGood = true;
        foreach ((string file, ImportedConf conf) in Files.Zip(_confs))
        {
            ConfResult result = ConfReader.Read(file, ConfFileAccess.Inspect);
            areGood &= result.IsValid;
            Tell(result.Problems.Select(problem => $"{problem}"));
            Tell(result.Conf?.Notices.Select(notice => notice.Text) ?? []);
            result.Conf?.Dispose();
            Console.Out.WriteLine(
                $"{file} is made, for your eyes alone: SPIs 0x{conf.Conf.Inbound.Spi:x8} in, 0x{conf.Conf.Outbound.Spi:x8} out");
        }

        if (areGood)
        {
            // They need not go together: the kernel has no device and no port that all tunnels share.
            using ConfSet confs = ConfSet.Load(Files, ConfFileAccess.Inspect);
            Tell(confs.Problems.Select(problem => $"{problem}"));
        }

        return areGood ? ExitCode.Success : ExitCode.MachineProblem;
    }

    private static void Tell(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Console.Error.WriteLine(line);
        }
    }

    private static int Fail(string why)
    {
        Console.Error.WriteLine($"{Command}: {why}");
        return ExitCode.MachineProblem;
    }
}
