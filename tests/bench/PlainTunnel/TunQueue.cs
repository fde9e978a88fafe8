using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;

namespace NatT.Bench.PlainTunnel;

/// <summary>A TUN device by blocking read(2) and write(2), without offloads.</summary>
internal static partial class TunQueue
{
    private const int ReadAndWrite = 2;
    private const nuint SetInterface = 0x400454ca;
    private const ushort TunWithoutHeader = 0x1001;
    private const int NameSize = 16;

    public static nint Open(string device)
    {
        nint descriptor = Require(open("/dev/net/tun", ReadAndWrite), "open");
        var request = new byte[40];
        Encoding.ASCII.GetBytes(device).AsSpan(0, Math.Min(device.Length, NameSize - 1)).CopyTo(request);
        BitConverter.TryWriteBytes(request.AsSpan(NameSize), TunWithoutHeader);
        Require(ioctl(descriptor, SetInterface, request), "TUNSETIFF");
        return descriptor;
    }

    public static int Read(nint descriptor, Span<byte> packet) =>
        (int)Require(read(descriptor, ref MemoryMarshal.GetReference(packet), (nuint)packet.Length), "read");

    /// <summary>A packet that the kernel refuses is lost, as on any link.</summary>
    public static void Write(nint descriptor, ReadOnlySpan<byte> packet) =>
        write(descriptor, in MemoryMarshal.GetReference(packet), (nuint)packet.Length);

    private static nint Require(nint result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), call);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int ioctl(nint descriptor, nuint request, byte[] argument);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(nint descriptor, ref byte buffer, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint write(nint descriptor, in byte buffer, nuint length);
}
