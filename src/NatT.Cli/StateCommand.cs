using System.Collections.Immutable;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary><c>natt-tun state init</c>: the records of sequence numbers for keys that were never used.</summary>
internal static class StateCommand
{
    private const string Command = "natt-tun state";
    private const string Init = "init";

    public static CommandHelp Help { get; } = new()
    {
        Command = Command,
        Summary = "With init: makes the records that say that new keys were never used.",
        Usage = $"sudo {Command} {Init} --conf FILE|FOLDER...",
        Epilogue =
        [
            "A record, in the state_dir of the confs, says which sequence numbers were used under a conf's keys. init makes each",
            "record that is missing, and it says: none so far. A record that is there is left as it is. Run it once, after",
            "natt-tun keygen and before the first start; keygen has done it for its own end. A natt-tun that runs in that state_dir",
            "with the same tun_name is asked to do it: so for next_ keys, before natt-tun reload.",
            "",
            "DANGER: never make a record for keys that were used and whose record was lost, with a disk or a deleted state_dir.",
            "Sequence numbers would start at 1 again and repeat under the same keys. Make new keys instead: natt-tun keygen.",
            "",
            "Exit status: 0 every conf has a record, 1 one has none or records cannot be kept, 2 a conf or an argument is wrong.",
        ],
    };

    public static int Execute(StateOptions options)
    {
        if (options.Operands.ToArray() is not [Init])
        {
            return CommandArguments.Refuse(Command, $"the one thing it can do is: {Command} {Init} --conf FILE");
        }

        using ConfSet confs = ConfSet.Load(options.Conf, ConfFileAccess.Inspect);
        foreach (ConfProblem problem in confs.Problems)
        {
            Console.Error.WriteLine(problem);
        }

        if (!confs.IsValid)
        {
            return ExitCode.ConfigurationError;
        }

        try
        {
            string directory = confs.Process.StateDirectory;
            ImmutableArray<RecordState> states = UnusedKeys.MakeRecords(directory, confs.Peers, $"{Command} {Init}", confs.Process.TunName);
            foreach ((PeerConf conf, RecordState state) in confs.Peers.Zip(states))
            {
                Tell(conf.File, directory, state);
            }

            return states.Contains(RecordState.Lost) ? ExitCode.MachineProblem : ExitCode.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StateLockedException or StateUnavailableException)
        {
            Console.Error.WriteLine($"{Command} {Init}: {e.Message}");
            return ExitCode.MachineProblem;
        }
    }

    private static void Tell(string file, string directory, RecordState state)
    {
        switch (state)
        {
            case RecordState.Made:
                Console.Out.WriteLine($"{file}: record made in {directory}, sequence numbers start at 1");
                break;
            case RecordState.Kept:
                Console.Out.WriteLine($"{file}: has a record in {directory}, left as it is");
                break;
            case RecordState.Lost:
                Console.Error.WriteLine($"{file}: these keys were used, as {directory} has a record of what came in under them, but the one of "
                    + "what went out is lost: make new keys with natt-tun keygen");
                break;
        }
    }
}
