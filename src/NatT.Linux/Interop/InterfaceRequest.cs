using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace NatT.Linux.Interop;

/// <summary>struct ifreq with the member <c>ifr_flags</c> of its union.</summary>
[StructLayout(LayoutKind.Sequential, Size = 40)]
internal struct InterfaceRequest
{
    /// <summary>IFNAMSIZ, its terminating zero included.</summary>
    public const int NameSize = 16;

    private NameBuffer _name;

    public short Flags;

    /// <param name="name">Checked by the caller to fit with its terminating zero.</param>
    /// <param name="flags"><c>ifr_flags</c>.</param>
    public InterfaceRequest(string name, short flags)
    {
        Encoding.UTF8.GetBytes(name, ((Span<byte>)_name)[..(NameSize - 1)]);
        Flags = flags;
    }

    [InlineArray(NameSize)]
    private struct NameBuffer
    {
        private byte _first;
    }
}
