using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>libc under its own names: see the manual page of each. Partials follow the header files.</summary>
internal static partial class Libc
{
    private const string Library = "libc";

    /// <summary>errno of this thread's last call.</summary>
    public static Errno LastError => (Errno)Marshal.GetLastPInvokeError();
}
