using System.Diagnostics;
using System.Globalization;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.Hostile.Tests.Faults;

/// <summary>Two natt-tuns of an AEAD, and a flow from B to A and back that goes on whatever happens to them.</summary>
public sealed class FaultPair : IDisposable
{
    /// <summary>For machines ten times slower.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Faults", "fault_flow.py");

    // Not where all tests are skipped.
    private readonly Lazy<TunnelPair> _pair;
    private BackgroundProcess? _flow;
    private int _lives;

    public FaultPair()
    {
        _pair = new Lazy<TunnelPair>(Build);
    }

    internal TestPeer A => _pair.Value.A;

    internal TestPeer B => _pair.Value.B;

    /// <summary>Whatever an earlier test left, both run and packets pass.</summary>
    internal void Prepare()
    {
        if (A.Process is not { IsRunning: true })
        {
            Start(A);
        }

        if (B.Process is not { IsRunning: true })
        {
            AwaitQuiet();
            StartAndAwaitFlow();
        }
    }

    /// <summary>Kills B and waits until the flow noticed.</summary>
    internal void KillB()
    {
        B.Process.Kill();
        AwaitQuiet();
    }

    /// <summary>Starts B and returns how long after its device was up the first answer came; twenty more pass.</summary>
    internal TimeSpan StartAndAwaitFlow(params string[] through)
    {
        long upAt = Start(B, through);
        return AwaitFlow(upAt);
    }

    /// <summary>Waits for answers after a silence, and returns how long after <paramref name="timestamp"/> the first came.</summary>
    internal TimeSpan AwaitFlow(long timestamp)
    {
        _lives++;
        long answeredAt = Flow.WaitForLine($"answer {_lives}.", Limit);
        Flow.WaitForLine($"passed {_lives}.", Limit);
        TimeSpan gap = Stopwatch.GetElapsedTime(timestamp, answeredAt);
        return gap > TimeSpan.Zero ? gap : TimeSpan.Zero;
    }

    /// <summary>Until no answer comes any more.</summary>
    internal void AwaitQuiet()
    {
        // A busy machine may have had silences of its own.
        string last = "";
        Wait.Until("the flow is quiet", Limit, () =>
        {
            last = Flow.Log.Split('\n')[^1];
            return last.Length == 0 || last.StartsWith("quiet", StringComparison.Ordinal);
        });
        _lives = last.Length == 0 ? 0 : int.Parse(last["quiet ".Length..].TrimEnd('.'), CultureInfo.InvariantCulture);
    }

    internal static long Start(TestPeer peer, params string[] through)
    {
        peer.Launch(through);
        return peer.Process.WaitForLine($"device {TestPeer.Device} is up", Limit);
    }

    internal Capture Capture() => new(A.Host, NetworkLab.Outer, "udp port 1100");

    public void Dispose()
    {
        _flow?.Dispose();
        if (_pair.IsValueCreated)
        {
            _pair.Value.Dispose();
        }
    }

    private BackgroundProcess Flow => _flow ??= new BackgroundProcess("fault_flow.py", B.Host.Inside("/usr/bin/python3", "-B", Script, A.Inner.V4));

    /// <summary>Each datagram a frame of its own: what is captured then is what an eavesdropper sees.</summary>
    private static TunnelPair Build() => new TunnelPair().With("espmode", "espinudp").With("udp_offload", "no").WithAead("aes-gcm-16");
}
