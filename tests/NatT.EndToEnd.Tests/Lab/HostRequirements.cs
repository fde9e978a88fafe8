namespace NatT.EndToEnd.Tests.Lab;

/// <summary>What a machine needs for these tests.</summary>
internal static class HostRequirements
{
    /// <summary>Why the tests cannot run here, or null.</summary>
    public static string? Missing { get; } = FindMissing();

    private static string? FindMissing()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "not root: network namespaces and TUN devices need it; tests/run.sh uses sudo";
        }

        return File.Exists("/dev/net/tun") ? null : "there is no /dev/net/tun: modprobe tun";
    }
}
