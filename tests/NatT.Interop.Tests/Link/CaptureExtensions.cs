using NatT.EndToEnd.Tests.Lab;

namespace NatT.Interop.Tests.Link;

internal static class CaptureExtensions
{
    /// <summary>tcpdump sees a packet up to a second after it passed: it has the kernel hand over whole blocks of them.</summary>
    private static readonly TimeSpan CaptureDelay = TimeSpan.FromSeconds(1);

    /// <summary>Ends the capture once it has seen all that passed before.</summary>
    public static Capture StopLate(this Capture capture)
    {
        Thread.Sleep(CaptureDelay);
        return capture.Stop();
    }
}
