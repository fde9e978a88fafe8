using NatT.Esp;

namespace NatT.Fuzz.Targets;

/// <summary>A way in which packets are opened.</summary>
internal interface IEspReceiver
{
    /// <summary>Packets that go in at once, at most.</summary>
    int MostAtOnce { get; }

    ulong Top { get; }

    /// <summary>Opens packets that lie in <paramref name="buffer"/>, and tells what became of each, and where its inner packet lies in it.</summary>
    void Open(byte[] buffer, IReadOnlyList<Range> packets, Action<int, DropReason, Range> tell);
}
