using System.Security.Cryptography;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary><c>natt-tun keygen</c>: a matching pair of confs under fresh keys.</summary>
internal sealed class KeygenCommand
{
    private const string Command = "natt-tun keygen";
    private const int LongestName = 64;

    private readonly KeygenOptions _options;
    private readonly ConfEnd _here;
    private readonly ConfEnd _there;

    private KeygenCommand(KeygenOptions options, string here, string there)
    {
        _options = options;
        string? state = options.StateDirectory is string directory ? Path.GetFullPath(directory) : null;
        _here = new ConfEnd(here, options.Here, options.InnerHere ?? Inner(1), options.Port, state);
        _there = new ConfEnd(there, options.There, options.InnerThere ?? Inner(2), options.Port);
    }

    public static CommandHelp Help { get; } = new()
    {
        Command = Command,
        Summary = "Makes the confs of both ends of a new tunnel, with fresh keys.",
        Usage = $"sudo {Command} --here 203.0.113.1 --there 203.0.113.2",
        Epilogue =
        [
            "A is this machine; B.conf is brought to the other one. One of --here and --there suffices: an end behind a NAT is",
            "waited for. A LIST has addresses and networks: --inner-here '10.77.0.1, 10.1.3.0/24' adds a network behind A.",
            "Everything can be edited in the confs afterwards.",
            "",
            "Each direction gets an SPI and keys of its own, the cipher's of 256 bits and HMAC's as long as its hash, straight",
            "from the kernel's random numbers. The files have mode 600. Nothing is ever overwritten without --force.",
            "",
            "Suites: aes-cbc-hmac-sha256; aes-gcm-16, for CPUs with AES instructions; chacha20-poly1305, for CPUs without. The",
            "latter two never repeat a nonce, and so start at neither end before it has its record. For peers that have no",
            "other: aes-cbc-hmac-sha1, aes-cbc-hmac-sha384, aes-cbc-hmac-sha512, which are slower.",
            "",
            "Transport mode leaves inner IP headers out, goes from one address to one, and carries no fragments.",
            "",
            "The record that says that A's keys are unused is made as well, in A's state_dir; B's is made on B, by the",
            "natt-tun state init that is printed. Where this user may not write to A's state_dir, or a natt-tun runs in it,",
            "the confs are made all the same, and one line says what to run for A too.",
            "",
            "--next FILE draws keys to follow those of a tunnel that runs: natt-tun reload --help has the whole way.",
            "",
            "Exit status: 0 all is made, 1 the files or A's record cannot be written, 2 an argument is wrong.",
        ],
    };

    private string[] Files => [Path.Combine(_options.Out, _here.Name + ".conf"), Path.Combine(_options.Out, _there.Name + ".conf")];

    public static int Execute(KeygenOptions options)
    {
        try
        {
            if (options.Next is string next)
            {
                return new NextKeysCommand(Command, next).Add();
            }

            if (options.Promote is string promoted)
            {
                return new NextKeysCommand(Command, promoted).Promote();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message);
        }

        if (options.Names.Split(',') is not [string here, string there] || !IsName(here) || !IsName(there) || here == there)
        {
            return CommandArguments.Refuse(Command, "--names needs two different names, of letters, digits and -_. only, and a comma between");
        }

        string?[] values =
            [options.Here, options.There, options.InnerHere, options.InnerThere, options.Port, options.Suite, options.Mode, options.StateDirectory];
        if (values.FirstOrDefault(value => value is not null && !FitsConf(value)) is string odd)
        {
            string shown = new([.. odd.Select(c => char.IsControl(c) ? '?' : c)]);
            return CommandArguments.Refuse(Command, $"{shown} has quotes, # or control characters, which cannot go into a conf");
        }

        try
        {
            return new KeygenCommand(options, here, there).Execute();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Fail(e.Message);
        }
    }

    private string Inner(int host) => _options.Mode == "transport" ? $"10.77.0.{host}" : $"10.77.0.{host}, fd77::{host}";

    private int Execute()
    {
        using ConfPair pair = ConfPair.Generate(_here, _there, _options.Suite, Entropy.Fill, _options.Mode);
        ConfResult here = Parse(_here.Name, pair.First);
        ConfResult there = Parse(_there.Name, pair.Second);
        using PeerConf? conf = here.Conf;
        using PeerConf? other = there.Conf;
        if (conf is null || other is null)
        {
            IEnumerable<string> lines = here.Problems.Select(problem => InOptions(isHere: true, problem))
                .Concat(there.Problems.Select(problem => InOptions(isHere: false, problem)));
            foreach (string line in lines.Distinct())
            {
                CommandArguments.Refuse(Command, line);
            }

            return ExitCode.ConfigurationError;
        }

        if (!_options.Force && Files.FirstOrDefault(Path.Exists) is string taken)
        {
            return Fail($"{taken} is there already, with keys that would be lost: choose other --names or another --out, or add --force");
        }

        string? whyNoRecord = MakeRecord(conf);
        Write(pair);
        if (!IsReadable())
        {
            return ExitCode.MachineProblem;
        }

        Explain(conf, hasRecord: whyNoRecord is null);
        return whyNoRecord is null ? ExitCode.Success : Fail(
            $"no record for {Files[0]} ({whyNoRecord}); once, before its keys are used, run: sudo natt-tun state init --conf {Files[0]}");
    }

    private static ConfResult Parse(string name, ReadOnlySpan<byte> octets)
    {
        // The reader unquotes in place, so it gets a copy.
        byte[] copy = GC.AllocateUninitializedArray<byte>(octets.Length, pinned: true);
        try
        {
            octets.CopyTo(copy);
            return ConfReader.Parse(name, copy);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }

    /// <summary>The same of the options that the conf's values came from.</summary>
    private static string InOptions(bool isHere, ConfProblem problem)
    {
        (string own, string peer) = isHere ? ("here", "there") : ("there", "here");
        return $"{problem.Key}: {problem.Text}"
            .Replace("local_private_ip", $"--inner-{own}", StringComparison.Ordinal)
            .Replace("remote_private_ip", $"--inner-{peer}", StringComparison.Ordinal)
            .Replace("remote_public_ip", $"--{peer}", StringComparison.Ordinal)
            .Replace("ori_local_port", "--port", StringComparison.Ordinal)
            .Replace("remote_port", "--port", StringComparison.Ordinal)
            .Replace("mode:", "--mode:", StringComparison.Ordinal)
            .Replace("suite:", "--suite:", StringComparison.Ordinal);
    }

    /// <summary>The record that says that A's keys were never used; why it could not be made, or null.</summary>
    private static string? MakeRecord(PeerConf conf)
    {
        try
        {
            UnusedKeys.MakeRecords(conf.StateDirectory, [conf], Command);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StateLockedException or StateUnavailableException)
        {
            return e.Message;
        }
    }

    private void Write(ConfPair pair) =>
        PrivateFile.CreateAll(_options.Out, Files, _options.Force, index => index == 0 ? pair.First : pair.Second);

    /// <summary>Whether natt-tun would take the files; the folder may be one that others can write to.</summary>
    private bool IsReadable()
    {
        bool isReadable = true;
        foreach (string file in Files)
        {
            ConfResult result = ConfReader.Read(file, ConfFileAccess.Inspect);
            result.Conf?.Dispose();
            isReadable &= result.IsValid;
            foreach (ConfProblem problem in result.Problems)
            {
                Console.Error.WriteLine(problem);
            }
        }

        return isReadable;
    }

    private void Explain(PeerConf conf, bool hasRecord)
    {
        Console.Out.WriteLine($"{Files[0]} and {Files[1]} are made, with keys of their own, for your eyes alone");
        if (hasRecord)
        {
            Console.Out.WriteLine($"the record of {_here.Name}.conf's sequence numbers is made in {conf.StateDirectory}");
        }

        int step = 0;
        if (_here.PublicHost.Length == 0 && _there.PublicHost.Length == 0)
        {
            Console.Out.WriteLine($"{++step}. write the other end's address as remote_public_ip into at least one of them");
        }

        Console.Out.WriteLine($"{++step}. bring {Files[1]} to the other host in a safe way, such as scp, and delete it here: it holds the keys");
        Console.Out.WriteLine($"{++step}. there, once, and never after these keys were used, for their numbers would repeat:");
        Console.Out.WriteLine($"   sudo natt-tun state init --conf {_there.Name}.conf");
        Console.Out.WriteLine($"{++step}. on each host: sudo natt-tun check --conf FILE, then sudo natt-tun --conf FILE");
        Console.Out.WriteLine($"{++step}. ping {conf.ProbeTarget ?? conf.Selector.Remote[0].Network}");
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool FitsConf(string value) => !value.Any(c => c is '\'' or '"' or '#' || char.IsControl(c));

    private static int Fail(string why)
    {
        Console.Error.WriteLine($"{Command}: {why}");
        return ExitCode.MachineProblem;
    }
}
