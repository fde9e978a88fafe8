using System.Net.Sockets;
using NatT.Cli.Privilege;
using NatT.Linux;

namespace NatT.Cli.Tests;

/// <summary>What goes over the link between a worker and its parent.</summary>
public sealed class ParentLinkTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly Socket _parent;
    private readonly ParentLink _link;
    private readonly TaskCompletionSource _orphaned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ParentLinkTests()
    {
        (_parent, System.Runtime.InteropServices.SafeHandle theirs, int number) = ProcessLink.Create();
        theirs.SetHandleAsInvalid();
        _link = new ParentLink(ProcessLink.Adopt(number), _orphaned.SetResult);
    }

    [Fact]
    public async Task Parts_are_taken_in_order_until_it_is_done()
    {
        Task answering = Task.Run(() =>
        {
            Assert.Equal([(byte)ParentRequest.ReadConfs], Receive());
            _parent.Send([(byte)ParentAnswer.Part, 1, 2]);
            _parent.Send([(byte)ParentAnswer.Part, 3]);
            _parent.Send([(byte)ParentAnswer.Done]);
        });
        var received = new List<byte>();

        await Task.Run(() => _link.Ask(ParentRequest.ReadConfs, take: part => received.AddRange(part.Span))).WaitAsync(Limit);

        Assert.Equal([1, 2, 3], received);
        await answering.WaitAsync(Limit);
    }

    [Fact]
    public async Task Failure_is_told_in_the_parents_words()
    {
        Task answering = Task.Run(() =>
        {
            Assert.Equal([(byte)ParentRequest.SetDeviceMtu, 5], Receive());
            _parent.Send([(byte)ParentAnswer.Failed, .. "no such device"u8]);
        });

        IOException failure = await Assert.ThrowsAsync<IOException>(
            () => Task.Run(() => _link.Ask(ParentRequest.SetDeviceMtu, [5]))).WaitAsync(Limit);

        Assert.Equal("no such device", failure.Message);
        await answering.WaitAsync(Limit);
    }

    [Fact]
    public async Task End_of_the_parent_is_heard_and_fails_what_is_asked()
    {
        _parent.Dispose();

        await _orphaned.Task.WaitAsync(Limit);

        Assert.Throws<IOException>(() => _link.Ask(ParentRequest.AddNetwork));
        _link.TryAsk(ParentRequest.TellManager);
    }

    [Fact]
    public async Task Own_end_is_not_taken_for_the_parents()
    {
        await Task.Run(_link.Dispose).WaitAsync(Limit);

        Assert.False(_orphaned.Task.IsCompleted);
    }

    public void Dispose()
    {
        _link.Dispose();
        _parent.Dispose();
    }

    private byte[] Receive()
    {
        byte[] buffer = new byte[100];
        return buffer[.._parent.Receive(buffer)];
    }
}
