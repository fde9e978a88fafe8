using System.Globalization;
using System.Runtime.InteropServices;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>
/// A host on which natt-tun is installed and which has its own /etc, /run, /usr/local and /var, as in own_folders.sh; where
/// it is asked for, also a real systemd, as in own_systemd.sh.
/// </summary>
internal sealed class Machine : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);
    private static readonly string DotnetRoot = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));

    private readonly string _scratch = Directory.CreateTempSubdirectory("natt-machine-").FullName;
    private readonly BackgroundProcess _first;
    private readonly string[] _enter;
    private readonly string? _controlGroup;

    public Machine(string name, NetworkNamespace network, bool withSystemd = false)
    {
        Name = name;
        Network = network;
        string[] first = withSystemd ? ["sh", Script("own_systemd.sh")] : ["sh", "-c", "echo ready; exec sleep infinity"];
        _first = new BackgroundProcess(
            name, network.Inside(["sh", Script("own_folders.sh"), _scratch, NattTunProcess.Executable, DotnetRoot, .. first]));
        _first.WaitForLine(withSystemd ? "-systemd-" : "ready", StartLimit);
        if (!withSystemd)
        {
            _enter = ["nsenter", "-t", $"{_first.Id}", "-m", "-n"];
            return;
        }

        _controlGroup = Path.GetFileName(_first.Log.Split('\n')[0]);
        int systemd = 0;
        Wait.Until("process 1", StartLimit, () => (systemd = ChildOf(_first.Id)) != 0);
        _enter = ["nsenter", "-t", $"{systemd}", "-m", "-n", "-p", "-i", "-u", "-C"];
        Wait.Until("systemd is there", StartLimit, () => Run("systemctl", "is-active", "lab.target").Succeeded);
    }

    public string Name { get; }

    public NetworkNamespace Network { get; }

    /// <summary>The natt-tun of <see cref="Start"/>; null where another starts it.</summary>
    public BackgroundProcess? NattTun { get; private set; }

    /// <summary>The same command, to be run on this machine, where natt-tun is on the path.</summary>
    public string[] Inside(params string[] command) =>
        [.. _enter, "env", $"PATH=/usr/local/bin:{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin", .. command];

    public CommandResult Run(params string[] command) => Command.Run(Inside(command));

    /// <summary>Types shell lines in a folder where "samples" is the repository's, and whose conf is <paramref name="sample"/>.</summary>
    public CommandResult Type(string lines, string sample) => Run(
        "sh", "-euc", $"mkdir -p /run/home && cd /run/home && ln -sfn {Sample("")} samples && cp samples/{sample} peer.conf\n{lines}");

    /// <summary>Brings the sample to this machine as it is, but readable by its owner alone.</summary>
    public void Install(string sample, string path) => Run("install", "-D", "-m", "600", Sample(sample), path).OutputOrFail();

    /// <summary>Runs natt-tun by hand and waits until its device is up.</summary>
    public void Start(string confs)
    {
        NattTun = new BackgroundProcess($"natt-tun on {Name}", Inside("natt-tun", "--conf", confs));
        NattTun.WaitForLine("device natt0 is up", StartLimit);
    }

    public void Dispose()
    {
        NattTun?.Dispose();
        _first.Dispose();
        Directory.Delete(_scratch, recursive: true);
        if (_controlGroup is not null)
        {
            Wait.Until("the control group is empty", StartLimit, () => Command.Run(
                "unshare", "-m", "sh", "-c", $"mount -t cgroup2 own /mnt && find /mnt/{_controlGroup} -depth -type d -exec rmdir {{}} +").Succeeded);
        }
    }

    private static string Sample(string path) => Path.Combine(Repository.Folder, "samples", path);

    private static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Lab", name);

    private static int ChildOf(int id) =>
        int.TryParse(File.ReadAllText($"/proc/{id}/task/{id}/children").Trim(), CultureInfo.InvariantCulture, out int child) ? child : 0;
}
