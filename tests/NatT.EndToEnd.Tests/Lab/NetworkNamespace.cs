using System.Globalization;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A network namespace of this test run; disposing it removes it and whatever still runs inside.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    public NetworkNamespace(string name)
    {
        Name = name;
        Command.Run("ip", "netns", "add", name).OutputOrFail();
        Ip("link set lo up");
        ControlFolder = $"/run/natt-tun/{Command.Run("stat", "-L", "-c", "%i", $"/run/netns/{name}").OutputOrFail().Trim()}";
    }

    public string Name { get; }

    /// <summary>Where control sockets of processes inside lie.</summary>
    public string ControlFolder { get; }

    /// <summary>The same command, to be run inside.</summary>
    public string[] Inside(params string[] command) => ["ip", "netns", "exec", Name, .. command];

    public CommandResult Run(params string[] command) => Command.Run(Inside(command));

    public CommandResult Run(TimeSpan limit, params string[] command) => Command.Run(limit, Inside(command));

    /// <summary><c>ip</c> with the words of <paramref name="arguments"/>.</summary>
    public string Ip(string arguments) => Command.Run(["ip", "-n", Name, .. arguments.Split(' ')]).OutputOrFail();

    public bool HasDevice(string name) => Command.Run("ip", "-n", Name, "link", "show", name).Succeeded;

    public int MtuOf(string device) => (int)Number($"/sys/class/net/{device}/mtu");

    /// <summary>A counter of a device, as <c>tx_dropped</c>.</summary>
    public long Statistic(string device, string name) => Number($"/sys/class/net/{device}/statistics/{name}");

    /// <summary>Octets that came in by a device since it is there.</summary>
    public long OctetsReceivedBy(string device) =>
        long.Parse(Run("cat", $"/sys/class/net/{device}/statistics/rx_bytes").OutputOrFail(), CultureInfo.InvariantCulture);

    /// <summary>A counter of /proc/net/snmp, as <c>Udp InDatagrams</c>.</summary>
    public long Counter(string protocol, string name)
    {
        string[][] rows = [.. Run("cat", "/proc/net/snmp").OutputOrFail().Split('\n')
            .Where(row => row.StartsWith($"{protocol}:", StringComparison.Ordinal)).Select(row => row.Split(' '))];
        return long.Parse(rows[1][Array.IndexOf(rows[0], name)], CultureInfo.InvariantCulture);
    }

    private long Number(string file) => long.Parse(Run("cat", file).OutputOrFail(), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        foreach (string id in Command.Run("ip", "netns", "pids", Name).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Command.Run("/bin/kill", "-KILL", id);
        }

        // What was killed left its socket.
        Command.Run("rm", "-rf", ControlFolder);
        Command.Run("ip", "netns", "del", Name);
    }
}
