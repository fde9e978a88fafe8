using System.Runtime.InteropServices;

namespace NatT.Crypto.Tests;

/// <summary>Memory between two pages that nobody may touch: whoever reads or writes an octet too far ends the test host.</summary>
internal sealed unsafe partial class GuardedMemory : IDisposable
{
    private const int NoAccess = 0;
    private const int ReadAndWrite = 3;
    private const int PrivateAndAnonymous = 0x22;

    private static readonly nint PageSize = Environment.SystemPageSize;

    private readonly nint _mapping;
    private readonly nint _size;

    public GuardedMemory(int size)
    {
        nint inner = (size + PageSize - 1) / PageSize * PageSize;
        _size = inner + (2 * PageSize);
        _mapping = Map(0, _size, NoAccess, PrivateAndAnonymous, -1, 0);
        if (_mapping == -1 || Protect(_mapping + PageSize, inner, ReadAndWrite) != 0)
        {
            throw new InvalidOperationException($"mmap or mprotect: errno {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>The first octets behind the lower guard.</summary>
    // SAFETY: mapped until disposal; tests keep no span longer.
    public Span<byte> First(int count) => new((void*)(_mapping + PageSize), count);

    /// <summary>The last octets before the upper guard.</summary>
    public Span<byte> Last(int count) => new((void*)(_mapping + _size - PageSize - count), count);

    public void Dispose() => _ = Unmap(_mapping, _size);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nint length, int protection, int flags, int descriptor, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nint length);
}
