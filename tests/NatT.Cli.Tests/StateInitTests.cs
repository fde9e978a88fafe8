using Microsoft.Extensions.Logging.Abstractions;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Cli.Tests;

public sealed class StateInitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string State => _folder["state"];

    [Fact]
    public async Task Makes_the_record_of_the_other_end_as_of_keys_that_were_never_used()
    {
        await MakeConfsAsync();

        (int exitCode, string output, string errors) = await InitAsync(_folder["there.conf"]);

        Assert.Equal((0, $"{_folder["there.conf"]}: record made in {State}, sequence numbers start at 1\n", ""), (exitCode, output, errors));
        (bool isNew, ulong first) = Use(conf => conf.Outbound, (store, key) => Look(store.OpenOutbound(key)));
        Assert.Equal((false, 1UL), (isNew, first));
    }

    [Fact]
    public async Task Record_that_is_there_is_never_touched()
    {
        await MakeConfsAsync();
        Use(conf => conf.Outbound, (store, key) =>
        {
            store.OpenOutbound(key).Close(500);
            return 0;
        });

        (int exitCode, string output, string errors) = await InitAsync(_folder["there.conf"]);

        Assert.Equal((0, $"{_folder["there.conf"]}: has a record in {State}, left as it is\n", ""), (exitCode, output, errors));
        Assert.Equal((false, 500UL), Use(conf => conf.Outbound, (store, key) => Look(store.OpenOutbound(key))));
    }

    [Fact]
    public async Task Where_another_holds_the_records_one_line_names_it()
    {
        await MakeConfsAsync();

        (int exitCode, string output, string errors) made = Use(conf => conf.Outbound, (_, _) => InitAsync(_folder["there.conf"]).Result);

        Assert.Equal(
            (1, "", $"natt-tun state init: state_dir {State} is in use by a test; give this natt-tun a state_dir of its own, or stop that one\n"), made);
    }

    [Fact]
    public async Task Of_a_folder_only_what_is_missing_is_made()
    {
        await MakeConfsAsync();
        Directory.CreateDirectory(_folder["conf.d"]);
        await InitAsync(_folder["there.conf"]);
        File.Move(_folder["there.conf"], _folder["conf.d/a.conf"]);
        await MakeConfsAsync("--inner-there", "10.77.0.3, fd77::3", "--inner-here", "10.77.0.4, fd77::4");
        File.Move(_folder["there.conf"], _folder["conf.d/b.conf"]);

        (int exitCode, string output, _) = await InitAsync(_folder["conf.d"]);

        Assert.Equal(0, exitCode);
        Assert.Equal(
            $"{_folder["conf.d"]}/a.conf: has a record in {State}, left as it is\n"
            + $"{_folder["conf.d"]}/b.conf: record made in {State}, sequence numbers start at 1\n",
            output);
    }

    [Fact]
    public async Task Record_lost_while_the_one_of_what_came_in_is_there_is_not_made_anew()
    {
        await MakeConfsAsync();
        Use(conf => conf.Inbound, (store, key) =>
        {
            store.OpenInbound(key).Close(77);
            return 0;
        }, AssociationDirection.Inbound);

        (int exitCode, string output, string errors) = await InitAsync(_folder["there.conf"]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.StartsWith($"{_folder["there.conf"]}: these keys were used, ", errors, StringComparison.Ordinal);
        Assert.EndsWith("make new keys with natt-tun keygen\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_that_cannot_be_kept_are_one_line_with_its_remedy()
    {
        await MakeConfsAsync();
        string text = await File.ReadAllTextAsync(_folder["there.conf"]);
        await File.WriteAllTextAsync(_folder["there.conf"], text.Replace(State, "/proc/self/natt", StringComparison.Ordinal));

        (int exitCode, string output, string errors) = await InitAsync(_folder["there.conf"]);

        Assert.Equal((1, ""), (exitCode, output));
        Assert.Matches("^natt-tun state init: state_dir /proc/self/natt: .*; .*set state_dir to .*\n$", errors);
    }

    [Theory]
    [InlineData("natt-tun state: the one thing it can do is: natt-tun state init --conf FILE; see natt-tun state --help", "--conf", "x.conf")]
    [InlineData("natt-tun state: the one thing it can do is: natt-tun state init --conf FILE; see natt-tun state --help", "undo", "--conf", "x.conf")]
    [InlineData("natt-tun state: --conf FILE is missing; see natt-tun state --help", "init")]
    [InlineData("/nowhere/x.conf: no such folder, check the path", "init", "--conf", "/nowhere/x.conf")]
    public async Task Wrong_arguments_and_confs_get_one_line_and_exit_code_2(string line, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Command.RunAsync(["state", .. arguments]);

        Assert.Equal((2, "", line + "\n"), (exitCode, output, errors));
    }

    [Fact]
    public async Task Help_warns_of_keys_that_were_used()
    {
        (int exitCode, string output, _) = await Command.RunAsync("state", "--help");

        Assert.Equal(0, exitCode);
        string[] wanted = ["usage: sudo natt-tun state init --conf FILE", "DANGER: never make a record for keys that were used", "Exit status: 0"];
        Assert.All(wanted, text => Assert.Contains(text, output, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Of both ends on this machine: the other end's conf names a folder for its records too.</summary>
    private async Task MakeConfsAsync(params string[] options)
    {
        await Command.RunAsync(["keygen", "--force", "--out", _folder.Path, "--state-dir", _folder["state-here"], .. options]);
        await File.AppendAllTextAsync(_folder["there.conf"], $"state_dir = {State}\n");
    }

    private static Task<(int ExitCode, string Output, string Errors)> InitAsync(string conf) =>
        Command.RunAsync("state", "init", "--conf", conf);

    private static (bool IsNew, ulong First) Look(OutboundRecord record) => (record.IsNew, record.First);

    /// <summary>Does something with the records of the other end, as its natt-tun would.</summary>
    private T Use<T>(
        Func<PeerConf, AssociationConf> association,
        Func<StateStore, AssociationFingerprint, T> use,
        AssociationDirection direction = AssociationDirection.Outbound)
    {
        using PeerConf conf = ConfReader.Read(_folder["there.conf"], ConfFileAccess.Inspect).Conf!;
        using var store = StateStore.Open(State, "a test", new StateStoreOptions { SyncDirectory = _ => { } }, NullLogger.Instance);
        return use(store, association(conf).FingerprintAs(direction));
    }
}
