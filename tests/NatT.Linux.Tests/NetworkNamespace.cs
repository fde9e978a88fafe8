using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace NatT.Linux.Tests;

/// <summary>A fresh network namespace: it lives on one thread, and dies with that thread and its descriptors.</summary>
internal static partial class NetworkNamespace
{
    private const int CLONE_NEWNET = 0x40000000;
    private const int LoopbackIndex = 1;

    /// <summary>Why tests that need a namespace cannot run here, or null.</summary>
    public static string? Obstacle { get; } = FindObstacle();

    /// <summary>Runs the test in a namespace of its own, its loopback interface up.</summary>
    public static void Run(Action test)
    {
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                test();
            }
            catch (Exception exception)
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    /// <summary>Runs ip(8) in the namespace and returns what it prints: the witness for what our netlink did.</summary>
    public static string Ip(string arguments) => Execute("ip", arguments);

    /// <summary>Runs a command in the namespace; whatever it reports as a failure is one.</summary>
    public static string Execute(string command, string arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{command} {arguments}: {error}");
    }

    private static void Enter()
    {
        if (unshare(CLONE_NEWNET) < 0)
        {
            throw new InvalidOperationException($"unshare(CLONE_NEWNET): {Marshal.GetLastPInvokeErrorMessage()}");
        }

        using var netlink = new RouteNetlink();
        netlink.SetUp(LoopbackIndex);
    }

    private static string? FindObstacle()
    {
        if (EffectiveUser.Id != EffectiveUser.Root)
        {
            return $"needs root for a network namespace of its own, and this is user {EffectiveUser.Id}: run the tests with sudo";
        }

        try
        {
            Run(() => TunDevice.Open("probe0").Dispose());
            return null;
        }
        catch (Exception exception) when (exception is LinuxException or InvalidOperationException)
        {
            return $"needs a network namespace with a TUN device: {exception.Message}";
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);
}
