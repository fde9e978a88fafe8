using System.Diagnostics;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>One end of a tunnel: a host, a conf, a state directory and, while it runs, a natt-tun.</summary>
internal sealed class TestPeer : IDisposable
{
    public const string Device = "natt0";

    private const string Python = "/usr/bin/python3";
    private static readonly string UdpEchoScript = Path.Combine(AppContext.BaseDirectory, "Lab", "udp_echo.py");

    private readonly string _folder;
    private BackgroundProcess? _echo;

    public TestPeer(string name, NetworkNamespace host, HostAddresses inner)
    {
        Name = name;
        Host = host;
        Inner = inner;
        _folder = Directory.CreateTempSubdirectory($"natt-{name}-").FullName;
        Conf["local_private_ip"] = $"{inner.V4}, {inner.V6}";
        Conf["state_dir"] = StateDirectory;
    }

    public string Name { get; }

    public NetworkNamespace Host { get; }

    public HostAddresses Inner { get; }

    public PeerConfText Conf { get; } = new();

    public string StateDirectory => Path.Combine(_folder, "state");

    public NattTunProcess Process { get; private set; } = null!;

    /// <summary>The <see cref="Stopwatch"/> timestamp of the line that says the device is up.</summary>
    public long DeviceUpAt { get; private set; }

    public string ConfFile => Path.Combine(_folder, $"{Name}.conf");

    /// <summary>Starts natt-tun and waits until its device is up.</summary>
    public void Start(params string[] through)
    {
        Launch(through);
        DeviceUpAt = Process.WaitForLine($"device {Device} is up");
    }

    /// <summary>Starts natt-tun, come what may; as the last words of <paramref name="through"/>, where there are any.</summary>
    public NattTunProcess Launch(params string[] through)
    {
        _echo ??= new BackgroundProcess("udp_echo.py", Host.Inside(Python, UdpEchoScript, "serve"));
        Process?.Dispose();
        Conf.WriteTo(ConfFile);
        Process = new NattTunProcess(Host, [.. through, NattTunProcess.Executable, "--conf", ConfFile]);
        return Process;
    }

    /// <summary>Runs <c>natt-tun check</c> to its end; as the last words of <paramref name="through"/>, where there are any.</summary>
    public CommandResult Check(params string[] through)
    {
        Conf.WriteTo(ConfFile);
        return Host.Run([.. through, NattTunProcess.Executable, "check", "--conf", ConfFile]);
    }

    /// <summary>Gives the conf and all that is kept to another user.</summary>
    public void GiveTo(int user)
    {
        Conf.WriteTo(ConfFile);
        Directory.CreateDirectory(StateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Command.Run("chown", "-R", $"{user}:{user}", _folder).OutputOrFail();
    }

    /// <summary>Lets other users through to what they own in the peer's folder.</summary>
    public void OpenFolder() => Command.Run("chmod", "711", _folder).OutputOrFail();

    /// <summary>Runs <c>natt-tun state init</c>: the conf's keys were never used.</summary>
    public void MakeRecord()
    {
        Conf.WriteTo(ConfFile);
        Ask("state", "init", "--conf", ConfFile).OutputOrFail();
    }

    /// <summary>What a lost disk does to the record. Only while natt-tun is down.</summary>
    public void LoseRecord() => Directory.Delete(StateDirectory, recursive: true);

    public CommandResult Ping(string address, params string[] options) =>
        Host.Run(["ping", "-n", "-W", "2", .. options, address]);

    /// <summary>Runs a verb of natt-tun on the host.</summary>
    public CommandResult Ask(params string[] verb) => Host.Run([NattTunProcess.Executable, .. verb]);

    /// <summary>The control socket of the device on this host.</summary>
    public string SocketOf(string device) => Path.Combine(Host.ControlFolder, $"{device}.sock");

    /// <summary>How long after the timestamp the first datagram through the tunnel was answered; fails the test past the limit.</summary>
    /// <remarks>Not a ping: an end that delivers nothing yet answers those all the same.</remarks>
    public TimeSpan FirstAnswerAfter(long timestamp, TestPeer other, TimeSpan limit)
    {
        CommandResult answer = Host.Run(Python, UdpEchoScript, "ask", other.Inner.V4, $"{limit.TotalSeconds + 2}");
        TimeSpan elapsed = Stopwatch.GetElapsedTime(timestamp);
        Assert.True(
            answer.Succeeded && elapsed <= limit,
            $"{Name} to {other.Name}: {(answer.Succeeded ? $"the first answer took {elapsed.TotalSeconds:F2} s" : "no answer")}, "
            + $"allowed {limit.TotalSeconds} s\n{Name}:\n{Process.Log}\n{other.Name}:\n{other.Process.Log}");
        return elapsed;
    }

    public void Dispose()
    {
        Process?.Dispose();
        _echo?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
