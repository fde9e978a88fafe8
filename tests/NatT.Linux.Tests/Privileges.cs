using System.Runtime.InteropServices;

namespace NatT.Linux.Tests;

/// <summary>Takes rights from the calling thread alone, for good: for threads of <see cref="NetworkNamespace.Run"/>.</summary>
internal static partial class Privileges
{
    private const int CLONE_NEWNS = 0x20000;
    private const uint CapabilityVersion3 = 0x20080522;

    /// <summary>Leaves the thread without any capability, though still user root.</summary>
    public static void DropCapabilities()
    {
        uint[] header = [CapabilityVersion3, 0];
        uint[] none = new uint[6];
        Require(capset(header, none), "capset");
    }

    /// <summary>Gives the thread a /dev/net of its own, empty.</summary>
    public static void HideDeviceDirectory()
    {
        Require(unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS)");

        // Without this the next line would reach the machine's own mounts.
        NetworkNamespace.Execute("mount", "--make-rprivate /");
        NetworkNamespace.Execute("mount", "-t tmpfs -o size=64k none /dev/net");
    }

    private static void Require(int result, string call)
    {
        if (result < 0)
        {
            throw new InvalidOperationException($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset([In] uint[] header, [In] uint[] sets);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);
}
