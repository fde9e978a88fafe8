using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NatT.Linux;

namespace NatT.Cli;

/// <summary>Calls the follower once at once, and again after each change of the network and each move of a peer, until disposed.</summary>
/// <remarks>
/// The kernel queues its notices, and once a second one system call tells whether there are any: a burst of them, as of a router
/// that learns its table, costs one measurement.
/// </remarks>
internal sealed partial class MtuWatch : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>A measurement, which takes longer the more peers there are, takes at most this part of the time.</summary>
    private const int Share = 20;

    private readonly CancellationTokenSource _stop = new();
    private readonly NetworkNotices? _notices;
    private readonly MtuFollower _follower;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _running;
    private bool _isFailing;

    public MtuWatch(MtuFollower follower, TimeProvider time, ILogger logger)
    {
        _follower = follower;
        _time = time;
        _logger = logger;
        try
        {
            _notices = new NetworkNotices();
        }
        catch (LinuxException e)
        {
            LogNotFollowed(logger, e.Message);
        }

        _running = Task.Run(RunAsync);
    }

    /// <summary>There are other peers from now on. Any thread.</summary>
    public void Follow(ImmutableArray<FollowedPeer> peers, bool hasIPv6) => _follower.Follow(peers, hasIPv6);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _notices?.Dispose();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            bool hasChanged = true;
            while (!_stop.IsCancellationRequested)
            {
                long start = _time.GetTimestamp();
                bool isDone = TryUpdate(hasChanged);
                TimeSpan pause = Share * _time.GetElapsedTime(start);
                await Task.Delay(pause > Period ? pause : Period, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                hasChanged = (_notices?.TakeAny() ?? false) || !isDone;
            }
        }
        catch (Exception e)
        {
            // The tunnel does without, as it did before the first change.
            LogNotFollowed(_logger, e.Message);
        }
    }

    private bool TryUpdate(bool hasChanged)
    {
        try
        {
            _follower.Update(hasChanged);
            _isFailing = false;
            return true;
        }
        catch (IOException e)
        {
            if (!_isFailing)
            {
                _isFailing = true;
                LogNotMeasured(_logger, e.Message);
            }

            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "changes of the outer interfaces' MTU are not followed: {Problem}")]
    private static partial void LogNotFollowed(ILogger logger, string problem);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the outer interfaces' MTU cannot be read, trying again: {Problem}")]
    private static partial void LogNotMeasured(ILogger logger, string problem);
}
