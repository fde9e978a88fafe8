using System.Runtime.InteropServices;

namespace NatT.Linux.Interop;

/// <summary>struct pollfd.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PollDescriptor
{
    public int Number;
    public short Events;
    public short ReturnedEvents;
}
