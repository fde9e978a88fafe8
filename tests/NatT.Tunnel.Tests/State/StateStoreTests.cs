using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

/// <summary>The store as the daemon has it: real files, and commits on a thread.</summary>
public sealed class StateStoreTests : IDisposable
{
    private static readonly AssociationFingerprint Peer = SimulatedMachine.Fingerprint(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly string _root = Directory.CreateTempSubdirectory("natt-store-").FullName;
    private readonly RecordingLogger _logger = new();
    private readonly List<string> _synced = [];

    private string StateDirectory => Path.Combine(_root, "state");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Directory_and_files_are_for_the_owner_alone_and_their_names_are_made_durable()
    {
        using StateStore store = Open();
        store.OpenOutbound(Peer);

        Assert.Equal(Convert.ToInt32("700", 8), (int)File.GetUnixFileMode(StateDirectory));
        Assert.All(Directory.GetFiles(StateDirectory), file => Assert.Equal(Convert.ToInt32("600", 8), (int)File.GetUnixFileMode(file)));
        Assert.Equal([_root, StateDirectory], _synced);
    }

    [Fact]
    public void Second_holder_is_refused_with_the_name_of_the_first()
    {
        using StateStore store = Open("pid 123, peer.conf");

        StateLockedException exception = Assert.Throws<StateLockedException>(() => Open("pid 456, other.conf"));

        Assert.Contains("pid 123, peer.conf", exception.Message, StringComparison.Ordinal);
        Assert.Contains(StateDirectory, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Directory_is_free_again_after_its_holder_has_gone()
    {
        Open("pid 123, peer.conf").Dispose();

        using StateStore store = Open("pid 456, other.conf");

        Assert.Contains("pid 456", Assert.Throws<StateLockedException>(() => Open()).Message, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(StateDirectory, "lock")));
    }

    [Fact]
    public void What_something_else_counted_is_taken_over_and_lowers_nothing()
    {
        const ulong Numbers = 5_000_000_000;
        using (StateStore store = Open())
        {
            Assert.Null(store.FindNext(Peer));
            store.Raise([(Peer, AssociationDirection.Outbound, Numbers), (Peer, AssociationDirection.Inbound, 77)]);
            store.Raise([(Peer, AssociationDirection.Outbound, 5), (Peer, AssociationDirection.Inbound, 5)]);
        }

        using StateStore next = Open();

        Assert.Equal(Numbers, next.FindNext(Peer));
        Assert.Equal(77ul, next.OpenInbound(Peer).DurableMark);
        Assert.Equal(Numbers, next.OpenOutbound(Peer).First);
    }

    [Fact]
    public void Holder_can_be_asked_for_without_taking_or_making_anything()
    {
        Assert.Null(StateStore.FindHolder(StateDirectory));
        Assert.False(Directory.Exists(StateDirectory));

        using (Open("pid 123, peer.conf"))
        {
            Assert.Equal("pid 123, peer.conf", StateStore.FindHolder(StateDirectory));
        }

        Assert.Null(StateStore.FindHolder(StateDirectory));
        using StateStore next = Open("pid 456, other.conf");
        Assert.Equal("pid 456, other.conf", StateStore.FindHolder(StateDirectory));
    }

    [Theory]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherWrite)]
    public void Directory_that_others_may_write_to_is_refused(UnixFileMode mode)
    {
        Directory.CreateDirectory(StateDirectory);
        File.SetUnixFileMode(StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | mode);

        StateUnavailableException exception = Assert.Throws<StateUnavailableException>(() => Open());

        Assert.Contains($"chmod go-w '{StateDirectory}'", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("journal", UnixFileMode.GroupRead)]
    [InlineData("journal", UnixFileMode.OtherWrite)]
    [InlineData("tops", UnixFileMode.OtherRead)]
    [InlineData("lock", UnixFileMode.GroupWrite)]
    public void File_that_others_may_open_is_refused_with_the_chmod_that_mends_it(string name, UnixFileMode mode)
    {
        Open().Dispose();
        string file = Path.Combine(StateDirectory, name);
        UnixFileMode own = File.GetUnixFileMode(file);
        File.SetUnixFileMode(file, own | mode);

        StateUnavailableException exception = Assert.Throws<StateUnavailableException>(() => Open());

        Assert.Equal($"state_dir {StateDirectory}: others than the owner may open {name}; run: chmod 600 '{file}'", exception.Message);
        File.SetUnixFileMode(file, own);
        Open().Dispose();
    }

    [Theory]
    [InlineData("/sys/kernel")]
    [InlineData("/sys/kernel/natt-tun")]
    [InlineData("/proc/self/status/natt-tun")]
    public void Directory_that_cannot_be_written_to_is_refused_in_one_line_with_a_remedy(string directory)
    {
        StateUnavailableException exception = Assert.Throws<StateUnavailableException>(() => Open(directory: directory));

        Assert.StartsWith($"state_dir {directory}: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains("set state_dir to a directory", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', exception.Message);
    }

    [Fact]
    public void Directory_whose_names_cannot_be_made_durable_is_not_started_on()
    {
        Directory.CreateDirectory(StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var store = StateStore.Open(StateDirectory, "pid 1", Options(_ => throw new IOException("Input/output error", 5)), _logger);

        StateUnavailableException exception = Assert.Throws<StateUnavailableException>(() => store.OpenOutbound(Peer));

        Assert.Contains("Input/output error", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Killed_process_repeats_no_number_and_keeps_the_top()
    {
        using (StateStore store = Open())
        {
            OutboundRecord outbound = store.OpenOutbound(Peer);
            outbound.Use(1025, TimeSpan.Zero);
            Assert.True(outbound.WaitFor(1025, Patience));
            store.OpenInbound(Peer).Publish(77, TimeSpan.Zero);
        }

        using StateStore next = Open();

        Assert.True(next.OpenOutbound(Peer).First > 1025);
        InboundRecord inbound = next.OpenInbound(Peer);
        Assert.Equal(77UL, inbound.ExactTop);
        Assert.Equal(77UL + InboundRecord.SmallestLead, inbound.DurableMark);
    }

    [Fact]
    public void Clean_stop_is_exact_for_both_directions()
    {
        using (StateStore store = Open())
        {
            store.OpenOutbound(Peer).Close(5);
            InboundRecord inbound = store.OpenInbound(Peer);
            inbound.Publish(77, TimeSpan.Zero);
            inbound.Close(78);
        }

        using StateStore next = Open();

        Assert.Equal(5UL, next.OpenOutbound(Peer).First);
        InboundRecord record = next.OpenInbound(Peer);
        Assert.Equal(78UL, record.ExactTop);
        Assert.Equal(78UL, record.DurableMark);
    }

    [Fact]
    public void Torn_tail_of_a_real_journal_skips_ahead_and_leftovers_of_a_compaction_do_no_harm()
    {
        using (StateStore store = Open())
        {
            store.OpenOutbound(Peer).Close(5);
        }

        File.AppendAllText(Path.Combine(StateDirectory, "journal"), "torn");
        File.WriteAllText(Path.Combine(StateDirectory, "journal.new"), "half made");

        using StateStore next = Open();

        Assert.Equal(5 + OutboundRecord.LargestBlock, next.OpenOutbound(Peer).First);
    }

    [Fact]
    public async Task Threads_of_many_peers_get_their_blocks()
    {
        using StateStore store = Open();
        Task[] peers = [.. Enumerable.Range(1, 4).Select(i => Task.Factory.StartNew(
            () => UseNumbers(store.OpenOutbound(SimulatedMachine.Fingerprint(i))),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))];

        await Task.WhenAll(peers);

        Assert.False(store.HasFailed);
    }

    private static void UseNumbers(OutboundRecord record)
    {
        ulong next = record.First;
        for (int batch = 0; batch < 2000; batch++)
        {
            Assert.True(record.WaitFor(next + 49, Patience));
            next += 50;
            record.Use(next, TimeSpan.FromMilliseconds(batch));
        }

        record.Close(next);
    }

    private StateStore Open(string holder = "pid 1, peer.conf", string? directory = null) =>
        StateStore.Open(directory ?? StateDirectory, holder, Options(_synced.Add), _logger);

    private static StateStoreOptions Options(Action<string> syncDirectory) => new() { SyncDirectory = syncDirectory };
}
