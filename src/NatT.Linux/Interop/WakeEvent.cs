using System.Runtime.CompilerServices;

namespace NatT.Linux.Interop;

/// <summary>Lets one thread wait for a descriptor while any other thread can end the wait.</summary>
/// <remarks>Dispose it when the waiting thread has returned.</remarks>
internal sealed class WakeEvent : IDisposable
{
    private readonly Descriptor _event;
    private readonly PollDescriptor[] _polled = new PollDescriptor[2];

    public WakeEvent()
    {
        _event = new Descriptor(Libc.eventfd(0, Libc.EFD_NONBLOCK | Libc.EFD_CLOEXEC));
        if (_event.IsInvalid)
        {
            throw LinuxException.FromLastError("eventfd", "no descriptor to wake a waiting thread with");
        }
    }

    /// <summary>Ends the running wait, or the next one.</summary>
    public void Wake()
    {
        // A full counter (EAGAIN) is a wake already pending.
        // SAFETY: a ulong is the eight octets that eventfd(2) takes and gives.
        ulong one = 1;
        Libc.write(_event, ref Unsafe.As<ulong, byte>(ref one), sizeof(ulong));
    }

    /// <summary>Blocks until there is something to read, errors included (true), or until woken (false).</summary>
    public bool WaitUntilReadable(Descriptor descriptor)
    {
        _polled[0] = new PollDescriptor { Number = descriptor.Number, Events = Libc.POLLIN };
        _polled[1] = new PollDescriptor { Number = _event.Number, Events = Libc.POLLIN };
        while (Libc.poll(ref _polled[0], (nuint)_polled.Length, Timeout.Infinite) < 0)
        {
            if (Libc.LastError != Errno.EINTR)
            {
                throw LinuxException.FromLastError("poll", "waiting for packets");
            }
        }

        if (_polled[1].ReturnedEvents == 0)
        {
            return true;
        }

        // SAFETY: as above.
        ulong count = 0;
        Libc.read(_event, ref Unsafe.As<ulong, byte>(ref count), sizeof(ulong));
        return false;
    }

    public void Dispose() => _event.Dispose();
}
