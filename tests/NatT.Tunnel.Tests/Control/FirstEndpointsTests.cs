using System.Net;
using System.Net.Sockets;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.Configuration;

namespace NatT.Tunnel.Tests.Control;

public sealed class FirstEndpointsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly IPAddress Answer = IPAddress.Parse("203.0.113.7");

    [Fact]
    public async Task A_literal_address_needs_no_look_up_and_an_empty_one_gives_none()
    {
        OuterEndpoint?[] found = await FindAsync((_, _) => throw new InvalidOperationException("looked up"), "192.0.2.9", null);

        Assert.Equal([new OuterEndpoint(IpAddress.Parse("192.0.2.9"), 1100), null], found);
    }

    [Fact]
    public async Task Names_are_looked_up_at_the_same_time()
    {
        const int Names = 32;
        int asked = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        OuterEndpoint?[] found = await FindAsync(
            async (_, patience) =>
            {
                if (Interlocked.Increment(ref asked) == Names)
                {
                    all.SetResult();
                }

                await all.Task.WaitAsync(patience);
                return [Answer];
            },
            [.. Enumerable.Range(0, Names).Select(i => $"peer{i}.example.org")]);

        Assert.All(found, endpoint => Assert.Equal(new OuterEndpoint(IpAddress.Parse("203.0.113.7"), 1100), endpoint));
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_leaves_the_others_their_answers()
    {
        OuterEndpoint?[] found = await FindAsync(
            (name, _) => name == "a.example.org" ? Task.FromResult<IPAddress[]>([Answer]) : throw new SocketException((int)SocketError.HostNotFound),
            "b.example.org", "a.example.org");

        Assert.Null(found[0]);
        Assert.NotNull(found[1]);
    }

    [Fact]
    public async Task A_name_whose_answer_takes_too_long_is_left_to_the_running_daemon()
    {
        OuterEndpoint?[] found = await FirstEndpoints.FindAsync(
            [Conf("a.example.org")],
            async (_, patience) =>
            {
                await Task.Delay(Timeout.Infinite, patience);
                return [Answer];
            },
            TimeSpan.FromMilliseconds(1),
            CancellationToken.None);

        Assert.Equal([null], found);
    }

    [Fact]
    public async Task A_stop_ends_the_waiting()
    {
        using var stop = new CancellationTokenSource();
        Task<OuterEndpoint?[]> finding = FirstEndpoints.FindAsync(
            [Conf("a.example.org")],
            async (_, patience) =>
            {
                await stop.CancelAsync();
                await Task.Delay(Timeout.Infinite, patience);
                return [];
            },
            Limit,
            stop.Token);

        Assert.Equal([null], await finding.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static Task<OuterEndpoint?[]> FindAsync(
        Func<string, CancellationToken, Task<IPAddress[]>> lookUp, params string?[] hosts) =>
        FirstEndpoints.FindAsync([.. hosts.Select(Conf)], lookUp, Limit, CancellationToken.None);

    private static PeerConf Conf(string? host) => ConfText.ParseGood(ConfText.Plus($"remote_public_ip = {host}"));
}
