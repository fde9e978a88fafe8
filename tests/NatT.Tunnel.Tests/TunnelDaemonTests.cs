using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests;

public sealed class TunnelDaemonTests : IDisposable
{
    private readonly TunnelLab _lab = new();
    private readonly WaitingPorts _ports = new();
    private readonly RecordingLogger _logger = new();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_stop_ends_all_threads_and_records_the_numbers(int workers)
    {
        using var stop = new CancellationTokenSource();
        var hasTicked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TunnelDaemon daemon = Create(entropy: _ => hasTicked.TrySetResult(), workers);
        Task<bool> running = Task.Run(() => daemon.RunAsync(stop.Token));
        await hasTicked.Task;

        await stop.CancelAsync();

        bool isClean = await running.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Empty(_logger.Lines(LogLevel.Critical));
        Assert.True(isClean);
        Assert.Throws<ObjectDisposedException>(_lab.A.CloseRecords);
    }

    [Fact]
    public async Task A_failure_of_the_control_loop_stops_the_daemon_in_good_order()
    {
        TunnelDaemon daemon = Create(entropy: _ => throw new IOException("getrandom failed"));

        bool isClean = await Task.Run(() => daemon.RunAsync(CancellationToken.None)).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.False(isClean);
        Assert.Contains("getrandom failed", Assert.Single(_logger.Lines(LogLevel.Critical)), StringComparison.Ordinal);
        Assert.Throws<ObjectDisposedException>(_lab.A.CloseRecords);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_failure_of_a_data_path_stops_the_daemon_in_good_order(int workers)
    {
        var hasTicked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TunnelDaemon daemon = Create(entropy: _ => hasTicked.TrySetResult(), workers);
        Task<bool> running = Task.Run(() => daemon.RunAsync(CancellationToken.None));
        await hasTicked.Task;

        _ports.Fails = true;
        _ports.Wake();
        bool isClean = await running.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.False(isClean);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(4, 2)]
    [InlineData(64, 4)]
    public void Each_direction_has_half_the_cores_and_no_more_than_four(int cores, int workers) =>
        Assert.Equal(workers, TunnelDaemon.WorkersFor(cores));

    public void Dispose()
    {
        _ports.Dispose();
        _lab.Dispose();
    }

    private TunnelDaemon Create(EntropySource entropy, int workers = 1) => new(
        _ports, _ports, new PeerTable([_lab.A.Peer]), _lab.A.Store, entropy, TimeProvider.System, _logger, workers);

    /// <summary>A device and a socket on which nothing ever happens until they are woken.</summary>
    private sealed class WaitingPorts : ITunDevice, IDatagramSocket
    {
        private readonly ManualResetEventSlim _woken = new();

        public string Name => "natt0";

        public OuterEndpoint LocalEndpoint => EndConf.OuterA;

        public bool Fails { get; set; }

        public void Read(PacketBatch packets, bool waits = true) => _woken.Wait();

        public void Receive(PacketBatch datagrams, bool waits = true)
        {
            _woken.Wait();
            if (Fails)
            {
                throw new IOException("the socket is gone");
            }
        }

        public int Write(PacketBatch packets) => 0;

        public void WriteOwn(ReadOnlySpan<byte> packet)
        {
        }

        public int Send(PacketBatch datagrams) => 0;

        public long ReadQueueDrops() => 0;

        public void Wake() => _woken.Set();

        public void Dispose() => _woken.Dispose();
    }
}
