using System.Diagnostics;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.Interop.Tests.Scapy;

/// <summary>A natt-tun, A, whose far end is not natt-tun but a scapy script with B's conf.</summary>
internal sealed class ScapyPeer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly TunnelPair _pair = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("natt-scapy-").FullName;
    private BackgroundProcess? _script;

    public ScapyPeer()
    {
        // The script need not guess; A is configured apart where it shall.
        _pair.With("espmode", "espinudp");
    }

    /// <summary>The natt-tun.</summary>
    public TestPeer A => _pair.A;

    /// <summary>Of the script; no natt-tun runs there.</summary>
    public TestPeer B => _pair.B;

    public string ScriptLog => _script?.Log ?? "";

    public string Log => $"natt-tun:\n{A.Process.Log}\nscapy:\n{ScriptLog}";

    /// <summary>From the device's being up to the first authentic frame of the script's.</summary>
    public TimeSpan TimeUntilUp { get; private set; }

    /// <summary>Sets the key at both ends.</summary>
    public ScapyPeer With(string key, string? value)
    {
        _pair.With(key, value);
        return this;
    }

    /// <summary>Gives both ends an AEAD.</summary>
    public ScapyPeer WithAead(string suite)
    {
        _pair.WithAead(suite);
        return this;
    }

    /// <summary>Gives both ends AES-CBC with another HMAC.</summary>
    public ScapyPeer WithHmac(string suite, int keySize)
    {
        _pair.WithHmac(suite, keySize);
        return this;
    }

    /// <summary>One SPI and key set for both directions, as the scripts' sample has it.</summary>
    public ScapyPeer WithSharedKeys()
    {
        foreach (string key in new[] { "spi_in", "spi_out", "enc_in", "enc_out", "auth_in", "auth_out" })
        {
            With(key, null);
        }

        return With("spi_id", "0xc0666a70").With("enc_aes", TunnelPair.RandomKey(24)).With("auth_sha256", TunnelPair.RandomKey(16));
    }

    /// <summary>Starts the script first, so that natt-tun's first probe is answered.</summary>
    public ScapyPeer Start(string script)
    {
        string conf = Path.Combine(_folder, "peer.conf");
        B.Conf.WriteTo(conf);
        string file = Path.Combine(AppContext.BaseDirectory, "Scapy", script);
        _script = new BackgroundProcess(script, B.Host.Inside("/usr/bin/python3", "-B", file, conf));
        _script.WaitForLine("ready", StartLimit);
        A.Start();
        long upAt = A.Process.WaitForLine("peer a is up", StartLimit);
        TimeUntilUp = Stopwatch.GetElapsedTime(A.DeviceUpAt, upAt);
        return this;
    }

    /// <summary>What the script is told by SIGUSR1, it says itself.</summary>
    public void Tell() => _script!.Signal("USR1");

    public void WaitForLine(string text) => _script!.WaitForLine(text, StartLimit);

    /// <summary>A's kernel pings the script's inner addresses, and each must answer five times.</summary>
    public void AssertAnswers()
    {
        foreach (string address in new[] { B.Inner.V4, B.Inner.V6 })
        {
            // For the last answer ping waits no longer than two round trips, which a busy machine outlasts: it is not judged.
            CommandResult ping = A.Ping(address, "-c", "6", "-W", "10", "-i", "0.2");
            Assert.True(
                Enumerable.Range(1, 5).All(i => ping.Output.Contains($" icmp_seq={i} ", StringComparison.Ordinal)), $"{ping.Output}\n{Log}");
        }
    }

    /// <summary>The script ends by itself on the first frame it cannot agree with.</summary>
    public void AssertContent()
    {
        _script!.Signal("TERM");
        int exitCode = _script.WaitForExit(StopLimit);
        Assert.True(exitCode == 0 && _script.Says("all of them authentic and in order"), $"exit code {exitCode}\n{Log}");
    }

    public void Dispose()
    {
        _script?.Dispose();
        _pair.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
