using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <content>What a reload changes, and probes of the next keys.</content>
public sealed partial class PeerMonitor
{
    /// <summary>Whether <paramref name="options"/> would change anything but how a peer starts.</summary>
    public bool IsConfigured(PeerMonitorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return AsRunning(options) == AsRunning(_options);
    }

    /// <summary>Control loop: the conf says other things from now on. What is known of the peer stays known.</summary>
    public void Configure(PeerMonitorOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        lock (_gate)
        {
            if (options.Framing != _options.Framing)
            {
                _framing = new FramingTracker(options.Framing);
            }

            _options = options with { HasReplayWindow = _options.HasReplayWindow };
            Volatile.Write(ref _route, CurrentRoute());
        }

        AskForProbe();
    }

    /// <summary>Control loop: the conf has another address for the peer, which is taken for where it is.</summary>
    public void NoteConfigured(OuterEndpoint endpoint, TimeSpan now)
    {
        lock (_gate)
        {
            if (_endpoint.Current != endpoint)
            {
                MoveTo(endpoint, now);
            }
        }

        AskForProbe();
    }

    /// <summary>Control loop: a probe by the peer's next SA; null where it is not known where to send it, or from and to what address.</summary>
    /// <param name="now">Monotonic time.</param>
    /// <param name="bits">128 fresh random bits.</param>
    /// <param name="windowVersion">Of the pair's inbound SA.</param>
    /// <param name="pairNumber">Of the SAs that the probe goes by.</param>
    public Probe? TryProbeNext(TimeSpan now, UInt128 bits, long windowVersion, int pairNumber)
    {
        lock (_gate)
        {
            if (!_options.CanProbe || _endpoint.Current is not OuterEndpoint target)
            {
                return null;
            }

            var probe = new Probe(bits, now, target, _framing.NextForProbe(isLost: false), windowVersion, pairNumber);
            _nextProbes ??= new ProbeLedger();
            _nextProbes.Add(probe);
            return probe;
        }
    }

    private static PeerMonitorOptions AsRunning(PeerMonitorOptions options) =>
        options with { InitialEndpoint = null, NeedsSynchronisation = false, HasReplayWindow = false };
}
