using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>struct mmsghdr.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Message
{
    public MessageHeader Header;

    /// <summary>Octets received or sent.</summary>
    public uint Length;
}
