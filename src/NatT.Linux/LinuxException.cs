using System.Runtime.InteropServices;
using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>A system call that failed: one line with the call, the error and what to do about it.</summary>
public sealed class LinuxException : IOException
{
    /// <param name="call">The system call or request, as its manual names it.</param>
    /// <param name="errno">The error it gave.</param>
    /// <param name="remedy">What it was for, and what mends it.</param>
    public LinuxException(string call, int errno, string remedy)
        : base($"{remedy} ({call}: {Describe(errno)})")
    {
        Call = call;
        ErrorNumber = errno;
    }

    internal LinuxException(string call, Errno errno, string remedy)
        : this(call, (int)errno, remedy)
    {
    }

    public string Call { get; }

    /// <summary>errno.</summary>
    public int ErrorNumber { get; }

    internal static LinuxException FromLastError(string call, string remedy) => new(call, Libc.LastError, remedy);

    private static string Describe(int errno)
    {
        string name = Enum.IsDefined((Errno)errno) ? ((Errno)errno).ToString() : $"errno {errno}";
        return $"{name}, {Marshal.GetPInvokeErrorMessage(errno)}";
    }
}
