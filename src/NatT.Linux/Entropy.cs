using System.Runtime.InteropServices;
using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>The kernel's random numbers, by getrandom(2): no device file, no library.</summary>
public static class Entropy
{
    /// <summary>Fills the span; blocks only while the kernel has not gathered its first entropy after boot.</summary>
    public static void Fill(Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            nint filled = Libc.getrandom(ref MemoryMarshal.GetReference(destination), (nuint)destination.Length, flags: 0);
            if (filled >= 0)
            {
                destination = destination[(int)filled..];
            }
            else if (Libc.LastError != Errno.EINTR)
            {
                throw LinuxException.FromLastError("getrandom", "the kernel gives no random numbers");
            }
        }
    }
}
