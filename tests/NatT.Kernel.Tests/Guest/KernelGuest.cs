using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.Kernel.Tests.Guest;

/// <summary>
/// Debian's Linux 6.1 as a process (user-mode-linux), whose only network device leads to a tap in a namespace of ours. It has its own
/// kernel and this machine's programs, and does what it is told over its console; see <c>init.py</c>.
/// </summary>
internal sealed class KernelGuest : IDisposable
{
    /// <summary>The device in the guest.</summary>
    public const string Device = "vec0";

    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan HaltLimit = TimeSpan.FromSeconds(5);

    private readonly string _folder;
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _open = new();
    private readonly ConcurrentQueue<string> _console = new();
    private readonly Process _process;
    private int _lastId;

    /// <summary>Makes the tap in the namespace, up and without addresses, and boots.</summary>
    public KernelGuest(NetworkNamespace host, string tap)
    {
        Assert.True(KernelRequirements.Missing is null, KernelRequirements.Missing);
        _folder = Directory.CreateTempSubdirectory("natt-guest-").FullName;
        host.Ip($"tuntap add dev {tap} mode tap");
        host.Ip($"link set {tap} up");
        string init = Path.Combine(AppContext.BaseDirectory, "Guest", "init.py");
        string[] command = host.Inside(
            KernelRequirements.Executable, "mem=256M", "root=none", "rootfstype=hostfs", "rootflags=/", "ro", $"init={init}", "quiet",
            "con=null", "con0=fd:0,fd:1", $"uml_dir={_folder}", $"{Device}:transport=tap,ifname={tap},depth=128,gro=1");
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var booted = new TaskCompletionSource<JsonElement>();
        _open[0] = booted;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        try
        {
            Version = Result("boot", booted.Task, BootLimit).OutputOrFail();
            Ip($"link set {Device} up");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>As <c>uname -r</c> says it in the guest.</summary>
    public string Version { get; }

    public CommandResult Run(params string[] command) => Ask(CommandLimit, new { run = command });

    public CommandResult Run(TimeSpan limit, params string[] command) => Ask(limit, new { run = command });

    /// <summary><c>ip</c> with the words of <paramref name="arguments"/>.</summary>
    public string Ip(string arguments) => Run(["ip", .. arguments.Split(' ')]).OutputOrFail();

    /// <summary>Has <c>ip</c> do all lines; fails the test at the first that it refuses.</summary>
    public void Ip(IEnumerable<string> lines)
    {
        string file = Path.Combine(_folder, "batch");
        File.WriteAllLines(file, lines);
        Ip($"-batch {file}");
    }

    /// <summary>Starts a program that runs on, and waits until it says so.</summary>
    public void Start(string until, params string[] command) => Ask(CommandLimit, new { start = command, until }).OutputOrFail();

    /// <summary>Opens the socket by which the kernel takes datagrams for ESP.</summary>
    public void Encapsulate(string address, int port, Encapsulation type) =>
        Ask(CommandLimit, new { encapsulate = address, port, type = (int)type }).OutputOrFail();

    /// <summary>The kernel's counters of what went wrong with ESP, those that are not 0.</summary>
    public IReadOnlyDictionary<string, long> Errors() => Run("cat", "/proc/net/xfrm_stat").OutputOrFail()
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .Where(words => words[1] != "0")
        .ToDictionary(words => words[0], words => long.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));

    public void Dispose()
    {
        try
        {
            _process.StandardInput.WriteLine(JsonSerializer.Serialize(new { id = ++_lastId, run = new[] { "sh", "-c", "echo o > /proc/sysrq-trigger" } }));
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It has ended already.
        }

        if (!_process.WaitForExit(HaltLimit))
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private CommandResult Ask(TimeSpan limit, object request)
    {
        int id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _open[id] = answer;
        string words = JsonSerializer.Serialize(request);
        lock (_process)
        {
            _process.StandardInput.WriteLine($"{{\"id\":{id},{words[1..]}");
            _process.StandardInput.Flush();
        }

        return Result(words, answer.Task, limit);
    }

    private CommandResult Result(string command, Task<JsonElement> task, TimeSpan limit)
    {
        Assert.True(task.Wait(limit), $"the guest did not answer within {limit.TotalSeconds} s: {command}\n{string.Join('\n', _console)}");
        JsonElement answer = task.Result;
        return new CommandResult(
            command,
            answer.GetProperty("code").GetInt32(),
            answer.GetProperty("out").GetString()!,
            answer.GetProperty("err").GetString()!);
    }

    /// <summary>A line of the console: an answer, or what the kernel says.</summary>
    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        int at = line.IndexOf("@{", StringComparison.Ordinal);
        if (at < 0)
        {
            _console.Enqueue(line);
            return;
        }

        using var answer = JsonDocument.Parse(line[(at + 1)..]);
        if (_open.TryRemove(answer.RootElement.GetProperty("id").GetInt32(), out TaskCompletionSource<JsonElement>? source))
        {
            source.SetResult(answer.RootElement.Clone());
        }
    }
}
