using System.Globalization;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>tcpdump on one device of a host, from construction until <see cref="Stop"/>.</summary>
internal sealed class Capture : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly BackgroundProcess _tcpdump;
    private readonly string _folder = Directory.CreateTempSubdirectory("natt-capture-").FullName;

    public Capture(NetworkNamespace host, string device, string filter = "")
    {
        // At once rather than by the block, or the last second would be missing; 2000 octets keep every frame of a 1500-octet link.
        string[] command =
            ["tcpdump", "-n", "-Z", "root", "--immediate-mode", "-s", "2000", "-B", "65536", "-i", device, "-w", PcapFile, .. filter.Split(' ')];
        _tcpdump = new BackgroundProcess($"tcpdump on {device} of {host.Name}", host.Inside(filter.Length == 0 ? command[..^1] : command));
        _tcpdump.WaitForLine("listening on", Limit);
    }

    public string PcapFile => Path.Combine(_folder, "capture.pcap");

    /// <summary>Ends the capture; fails the test where packets were missed.</summary>
    public Capture Stop()
    {
        // What was sent just now is still on its way through the capture buffer.
        Thread.Sleep(TimeSpan.FromMilliseconds(300));
        _tcpdump.Signal("TERM");
        _tcpdump.WaitForExit(Limit);
        _tcpdump.WaitForLine("0 packets dropped by kernel", Limit);
        return this;
    }

    /// <summary>How many frames match the filter; all, where it is empty.</summary>
    public int Count(string filter = "") => int.Parse(
        Command.Run("tcpdump", "-n", "-r", PcapFile, "--count", filter).OutputOrFail().Split(' ')[0],
        CultureInfo.InvariantCulture);

    /// <summary>The first frames that match, in tcpdump's words.</summary>
    public string Show(string filter) => Command.Run("tcpdump", "-n", "-r", PcapFile, "-c", "5", filter).OutputOrFail();

    public void AssertNone(string filter) =>
        Assert.True(Count(filter) == 0, $"{Count(filter)} frames match '{filter}', such as:\n{Show(filter)}");

    public void Dispose()
    {
        _tcpdump.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
