using System.Runtime.InteropServices;
using NatT.Linux.Interop;

namespace NatT.Linux;

/// <content>Writing a packet of our own, beside the thread that writes those of the tunnel.</content>
public sealed partial class TunDevice
{
    private const int LongestOwn = 2048;

    public void WriteOwn(ReadOnlySpan<byte> packet)
    {
        // The kernel takes whole packets from any thread; only the coalescer has an owner.
        Span<byte> octets = stackalloc byte[LongestOwn];
        octets[.._offloads.HeaderSize].Clear();
        packet.CopyTo(octets[_offloads.HeaderSize..]);

        // One that is refused is one lost packet; a device that is gone shows in Read.
        _ = Libc.write(_tun, in MemoryMarshal.GetReference<byte>(octets), (nuint)(_offloads.HeaderSize + packet.Length));
    }
}
