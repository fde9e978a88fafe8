using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>Who does a batch's cryptography.</summary>
public sealed class CipherHelpersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void A_lone_batch_is_done_by_the_paths_own_thread()
    {
        var helpers = new CipherHelpers(1);
        var line = new BatchLine<Work>(helpers, () => new Work());

        // Nobody would do what is offered: no helper was started.
        line.Add();
        Work done = line.Finish();

        Assert.Equal(Environment.CurrentManagedThreadId, done.DoneBy);
        Assert.True(line.IsEmpty);
    }

    [Fact]
    public void What_no_helper_began_is_done_by_the_paths_own_thread()
    {
        var line = new BatchLine<Work>(new CipherHelpers(3), () => new Work());
        Work[] added = Fill(line);

        Work[] finished = [.. added.Select(_ => line.Finish())];

        Assert.Equal(added, finished);
        Assert.All(finished, work => Assert.Equal(Environment.CurrentManagedThreadId, work.DoneBy));
    }

    [Fact]
    public void A_helper_does_a_batch_once_another_has_come_behind_it()
    {
        var helpers = new CipherHelpers(1);
        helpers.Start("helper");
        var line = new BatchLine<Work>(helpers, () => new Work());
        Work first = line.Next;
        line.Add();
        line.Add();

        Assert.True(SpinWait.SpinUntil(() => line.IsOldestDone, Patience));

        Assert.NotEqual(Environment.CurrentManagedThreadId, first.DoneBy);
        Assert.Same(first, line.Finish());
        line.Finish();
        helpers.Stop();
    }

    [Fact]
    public void While_a_helper_is_slow_the_rest_is_done_and_leaves_behind_it()
    {
        var helpers = new CipherHelpers(1);
        helpers.Start("helper");
        var line = new BatchLine<Work>(helpers, () => new Work());
        using var hasBegun = new ManualResetEventSlim();
        using var mayEnd = new ManualResetEventSlim();
        Work slow = line.Next;
        slow.Action = () =>
        {
            hasBegun.Set();
            Assert.True(mayEnd.Wait(Patience));
        };
        line.Add();
        Work second = line.Next;
        line.Add();
        Assert.True(hasBegun.Wait(Patience));
        Work last = line.Next;
        last.Action = mayEnd.Set;
        line.Add();

        Assert.Equal([slow, second, last], new[] { line.Finish(), line.Finish(), line.Finish() });

        Assert.NotEqual(Environment.CurrentManagedThreadId, slow.DoneBy);
        Assert.Equal(Environment.CurrentManagedThreadId, second.DoneBy);
        Assert.Equal(Environment.CurrentManagedThreadId, last.DoneBy);
        helpers.Stop();
    }

    [Fact]
    public void A_failure_in_a_helper_reaches_the_paths_thread()
    {
        var helpers = new CipherHelpers(1);
        helpers.Start("helper");
        var line = new BatchLine<Work>(helpers, () => new Work());
        line.Next.Action = () => throw new ArgumentException("a job's key belongs to another suite");
        line.Add();
        line.Add();

        InvalidOperationException failure = Assert.Throws<InvalidOperationException>(() => line.Finish());

        Assert.Contains("another suite", failure.Message, StringComparison.Ordinal);
        line.Finish();
        helpers.Stop();
    }

    private static Work[] Fill(BatchLine<Work> line)
    {
        var added = new List<Work>();
        while (!line.IsFull)
        {
            added.Add(line.Next);
            line.Add();
        }

        return [.. added];
    }

    private sealed class Work : CipherWork
    {
        public Action Action { get; set; } = () => { };

        public int DoneBy { get; private set; }

        protected override void RunCipher()
        {
            DoneBy = Environment.CurrentManagedThreadId;
            Action();
        }
    }
}
