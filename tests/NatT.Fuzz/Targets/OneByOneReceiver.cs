using NatT.Esp;

namespace NatT.Fuzz.Targets;

/// <summary>As users of the library open packets.</summary>
internal sealed class OneByOneReceiver(EspOpener opener) : IEspReceiver
{
    public int MostAtOnce => 1;

    public ulong Top => opener.Top;

    public void Open(byte[] buffer, IReadOnlyList<Range> packets, Action<int, DropReason, Range> tell)
    {
        for (int i = 0; i < packets.Count; i++)
        {
            tell(i, opener.TryOpen(buffer.AsSpan(packets[i]), out Range inner), inner);
        }
    }
}
