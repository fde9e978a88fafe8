using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <content>Files, devices and waiting for them.</content>
internal static partial class Libc
{
    public const int O_RDONLY = 0;
    public const int O_RDWR = 2;
    public const int O_NONBLOCK = 0x800;

    /// <summary>Of the architectures in use; not the same on Arm64.</summary>
    public static readonly int O_DIRECTORY = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    public static readonly int O_NOFOLLOW = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    public const int F_SETFD = 2;
    public const int O_CLOEXEC = 0x80000;

    public const int EFD_NONBLOCK = O_NONBLOCK;
    public const int EFD_CLOEXEC = O_CLOEXEC;

    public const short POLLIN = 1;
    public const short POLLOUT = 4;

    public const nuint TUNSETIFF = 0x400454ca;
    public const nuint TUNGETIFF = 0x800454d2;
    public const nuint TUNSETOFFLOAD = 0x400454d0;
    public const nuint TUNSETVNETHDRSZ = 0x400454d8;
    public const uint TUN_F_CSUM = 0x01;
    public const uint TUN_F_TSO4 = 0x02;
    public const uint TUN_F_TSO6 = 0x04;
    public const uint TUN_F_TSO_ECN = 0x08;
    public const uint TUN_F_USO4 = 0x20;
    public const uint TUN_F_USO6 = 0x40;
    public const short IFF_TUN = 1;
    public const short IFF_PERSIST = 0x800;
    public const short IFF_NO_PI = 0x1000;
    public const short IFF_VNET_HDR = 0x4000;

    public const int AT_FDCWD = -100;
    public const int AT_EACCESS = 0x200;
    public const int AT_EMPTY_PATH = 0x1000;
    public const int X_OK = 1;
    public const int W_OK = 2;
    public const uint STATX_TYPE = 1;
    public const uint STATX_MODE = 2;
    public const uint STATX_NLINK = 4;
    public const uint STATX_UID = 8;

    // S_IFMT and S_IFREG: with their prefix the style rules take them for static fields.
    public const int IFMT = 0xF000;
    public const int IFREG = 0x8000;

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fchown(Descriptor descriptor, uint user, uint group);

    /// <remarks>Variadic; a number is passed as any other argument is.</remarks>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int fcntl(Descriptor descriptor, int command, nint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int close(int descriptor);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint read(Descriptor descriptor, ref byte buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint write(Descriptor descriptor, ref readonly byte buffer, nuint count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint writev(Descriptor descriptor, ref readonly IoVector vectors, int count);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int fsync(Descriptor descriptor);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(Descriptor descriptor, nuint request, ref InterfaceRequest argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(Descriptor descriptor, nuint request, ref readonly int argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(Descriptor descriptor, nuint request, nuint argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int eventfd(uint initialValue, int flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int poll(ref PollDescriptor descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int directory, string path, int flags, uint mask, out StatusBuffer status);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int faccessat(int directory, string path, int mode, int flags);
}
