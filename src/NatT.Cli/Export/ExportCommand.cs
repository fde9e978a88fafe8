using System.Collections.Immutable;
using System.Net.Sockets;
using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Interchange;
using NatT.Tunnel.State;

namespace NatT.Cli.Export;

/// <summary><c>natt-tun export</c>: a tunnel in the words of something else.</summary>
internal sealed class ExportCommand
{
    private const string Command = "natt-tun export";

    private readonly ExportOptions _options;
    private readonly TunnelEnd _end;
    private readonly ConfSet _confs;
    private readonly ProcessConf _process;
    private readonly ImmutableArray<PeerConf> _peers;

    private ExportCommand(ExportOptions options, TunnelEnd end, ConfSet confs, ImmutableArray<PeerConf> peers)
    {
        _options = options;
        _end = end;
        _confs = confs;
        _process = confs.Process!;
        _peers = peers;
    }

    public static CommandHelp Help { get; } = new()
    {
        Command = Command,
        Summary = "Says a tunnel in the words of ip xfrm, of Wireshark or of static-ipsec-nat-t.",
        Usage = $"sudo {Command} xfrm|wireshark|scripts [PEER...] --conf FILE|FOLDER... [--out FILE]",
        Epilogue =
        [
            "PEER is a conf's name; without any, all of them.",
            "",
            "  xfrm       a script of ip xfrm commands, states and policies, by which a kernel takes the far end's place (--end far)",
            "             or natt-tun's own (--end this). Sequence numbers go on where natt-tun's are, so that none repeats and none",
            "             of before is taken: they are read from state_dir, or asked of the running natt-tun. For --end this it",
            "             has to be stopped first, and is never to be started again with these keys.",
            "  wireshark  the rows of the table esp_sa by which Wireshark and tshark decrypt a capture",
            "  scripts    a conf of static-ipsec-nat-t, for this end; a tunnel that it has no words for is one line that says why",
            "",
            "Addresses that the conf leaves open are one line that says which option is missing. The far end's kernel sends to",
            "nat_local_public_ip and nat_local_port where the conf has them.",
            "",
            "What is printed holds the keys. --out FILE makes a file of mode 600, and overwrites none without --force.",
            "",
            "Exit status: 0 printed, 1 numbers are not to be had or the file cannot be written, 2 a conf or an argument is wrong,",
            "or there are no words for the tunnel.",
        ],
    };

    public static async Task<int> ExecuteAsync(ExportOptions options)
    {
        string[] operands = [.. options.Operands];
        if (operands is not ["xfrm" or "wireshark" or "scripts", .. string[] names])
        {
            return CommandArguments.Refuse(Command, "say what to make: xfrm, wireshark or scripts");
        }

        if (options.End is not ("far" or "this"))
        {
            return CommandArguments.Refuse(Command, "--end is far or this");
        }

        try
        {
            using ConfSet confs = ConfSet.Load(options.Conf, ConfFileAccess.Inspect);
            if (!confs.IsValid)
            {
                throw new CommandException(string.Join('\n', confs.Problems), ExitCode.ConfigurationError);
            }

            TunnelEnd end = options.End == "this" ? TunnelEnd.This : TunnelEnd.Far;
            var command = new ExportCommand(options, end, confs, Choose(confs, names));
            using var text = new SecretText();
            await command.ComposeAsync(operands[0], text).ConfigureAwait(false);
            command.Write(text);
            return ExitCode.Success;
        }
        catch (CommandException e)
        {
            Console.Error.WriteLine(e.ExitCode == ExitCode.ConfigurationError ? e.Message : $"{Command}: {e.Message}");
            return e.ExitCode;
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or StateLockedException or StateUnavailableException or SocketException)
        {
            Console.Error.WriteLine($"{Command}: {e.Message}");
            return ExitCode.MachineProblem;
        }
    }

    private static ImmutableArray<PeerConf> Choose(ConfSet confs, string[] names)
    {
        if (names.FirstOrDefault(name => confs.Peers.All(conf => conf.Name != name)) is string unknown)
        {
            throw Wrong($"no conf is called {unknown}, but {string.Join(", ", confs.Peers.Select(conf => conf.Name))}");
        }

        return names.Length == 0 ? confs.Peers : [.. confs.Peers.Where(conf => names.Contains(conf.Name))];
    }

    private async Task ComposeAsync(string kind, SecretText text)
    {
        switch (kind)
        {
            case "xfrm":
                await ComposeXfrmAsync(text).ConfigureAwait(false);
                break;
            case "wireshark":
                ComposeWireshark(text);
                break;
            default:
                ComposeScripts(text);
                break;
        }
    }

    private async Task ComposeXfrmAsync(SecretText text)
    {
        if (_end == TunnelEnd.Far && _peers.Length > 1)
        {
            throw Wrong($"far ends are machines of their own: name one of {string.Join(", ", _peers.Select(conf => conf.Name))}");
        }

        (PeerConf Conf, OuterEnds Outer)[] ends = [.. _peers.Select(conf => (conf, OuterEndsOf(conf)))];
        var known = new KnownNumbers(_options.Conf, _confs, _end);
        IReadOnlyList<SequenceNumbers> numbers = await known.ReadAsync(_peers).ConfigureAwait(false);
        foreach (((PeerConf conf, OuterEnds outer), SequenceNumbers used) in ends.Zip(numbers))
        {
            var commands = new XfrmCommands(conf, _end, outer, conf.Framing ?? known.FramingOf(conf) ?? UdpFraming.Rfc3948, used);
            if (commands.WhyNone() is string why)
            {
                throw Wrong(why);
            }

            commands.Append(text);
            if (conf.ReplayWindow > XfrmCommands.LargestWindow)
            {
                Console.Error.WriteLine($"{conf.File}: replay_window becomes {XfrmCommands.LargestWindow}, Linux's largest");
            }

            if (conf.Suite is AeadSuite)
            {
                Console.Error.WriteLine(
                    $"{conf.File}: the kernel makes {conf.Suite.Name}'s IVs in a way of its own, see the comment: new keys are better");
            }
        }
    }

    private void ComposeWireshark(SecretText text)
    {
        EspSaRows.AppendHowTo(text, _peers.SelectMany(conf => new[] { _process.BindPort, conf.RemotePort }));
        foreach (PeerConf conf in _peers)
        {
            EspSaRows.Append(text, conf);
            Tell(EspSaRows.Limits(conf));
        }
    }

    private void ComposeScripts(SecretText text)
    {
        if (_peers is not [PeerConf conf])
        {
            throw Wrong($"the scripts have one peer a conf: name one of {string.Join(", ", _peers.Select(peer => peer.Name))}");
        }

        conf = _options.There is null ? conf : conf with { RemoteHost = $"{AddressOf("--there", _options.There)}" };
        if (ScriptsConf.WhyNone(conf) is string why)
        {
            throw Wrong(why);
        }

        IpAddress own = _process.BindAddress ?? Here()
            ?? throw Missing(conf, "ori_local_public_ip", "--here", "this machine's address towards the peer");
        IpAddress nat = conf.NatAddress ?? own;
        ScriptsConf.Append(text, conf, (own, _process.BindPort), (nat, conf.NatPort ?? _process.BindPort));
        Tell(ScriptsConf.Limits(conf));
    }

    private OuterEnds OuterEndsOf(PeerConf conf)
    {
        IpAddress far = There() ?? (IpAddress.TryParse(conf.RemoteHost, out IpAddress remote) ? remote
            : throw Missing(conf, "remote_public_ip", "--there", "the far end's outer address"));
        if (_end == TunnelEnd.This)
        {
            IpAddress own = Here() ?? _process.BindAddress
                ?? throw Missing(conf, "ori_local_public_ip", "--here", "this machine's address towards the peer");
            return SameFamily(conf, new OuterEnds(own, _process.BindPort, far, conf.RemotePort));
        }

        IpAddress seen = Here() ?? conf.NatAddress ?? _process.BindAddress
            ?? throw Missing(conf, "nat_local_public_ip or ori_local_public_ip", "--here", "the address that the far end sees this one at");
        return SameFamily(conf, new OuterEnds(far, conf.RemotePort, seen, conf.NatPort ?? _process.BindPort));
    }

    private static OuterEnds SameFamily(PeerConf conf, OuterEnds outer) => outer.Own.IsIPv6 == outer.Peer.IsIPv6
        ? outer
        : throw Wrong($"{conf.File}: {outer.Own} and {outer.Peer} are of different IP versions: correct --here or --there");

    private IpAddress? Here() => _options.Here is string text ? AddressOf("--here", text) : null;

    private IpAddress? There() => _options.There is string text ? AddressOf("--there", text) : null;

    private static IpAddress AddressOf(string option, string text) => IpAddress.TryParse(text, out IpAddress address)
        ? address
        : throw Wrong($"{option} is no IP address: write one such as 192.0.2.1 or 2001:db8::1");

    private static CommandException Missing(PeerConf conf, string key, string option, string what) =>
        Wrong($"{conf.File}: {key} is no address, add {option} ADDRESS, {what}");

    private static void Tell(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            Console.Error.WriteLine(line);
        }
    }

    private void Write(SecretText text)
    {
        if (_options.Out is string file)
        {
            if (_options.Force)
            {
                File.Delete(file);
            }
            else if (Path.Exists(file))
            {
                throw new CommandException($"{file} is there already: choose another --out, or add --force");
            }

            PrivateFile.Create(file, text.Octets);
            Console.Error.WriteLine($"{file} is made, for your eyes alone: it holds the keys");
            return;
        }

        if (!Console.IsOutputRedirected)
        {
            Console.Error.WriteLine($"{Command}: what follows holds the keys; --out FILE keeps them off the screen");
        }

        using Stream output = Console.OpenStandardOutput();
        output.Write(text.Octets);
    }

    private static CommandException Wrong(string why) => new($"{Command}: {why}", ExitCode.ConfigurationError);
}
