using NatT.EndToEnd.Tests.Lab;

namespace NatT.Interop.Tests.Kernel;

/// <summary>A test against the kernel's own ESP; skipped, with what <c>ip</c> says, where the kernel has none.</summary>
internal sealed class KernelEspFactAttribute : FactAttribute
{
    private static readonly string? Missing = HostRequirements.Missing ?? FindMissing();

    public KernelEspFactAttribute()
    {
        Skip = Missing;
    }

    /// <summary>Adds a state in a network namespace that is gone with the command.</summary>
    private static string? FindMissing()
    {
        string add = KernelPeer.StateOf("192.0.2.1", "192.0.2.2", "0x1001", $"0x{new string('0', 32)}", $"0x{new string('0', 64)}");
        CommandResult result = Command.Run(["unshare", "-n", "ip", .. add.Split(' ')]);
        return result.Succeeded ? null : $"THIS KERNEL HAS NO ESP, so nothing was tested against it: ip says '{result.Error.Trim()}'";
    }
}
