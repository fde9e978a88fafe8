using NatT.Esp;
using NatT.Fuzz.Engine;

namespace NatT.Fuzz.Targets;

/// <summary>What an SA must make of packets, by a plain window and the list of what was sealed.</summary>
internal sealed class EspModel
{
    private readonly int _size;
    private readonly bool _isExtended;
    private readonly PlainWindow? _window;

    public EspModel(int size, ulong top, bool isExtended)
    {
        _size = size;
        _isExtended = isExtended;
        _window = size == 0 ? null : new PlainWindow(size);
        _window?.StartAt(top);
    }

    public ulong Top => _window?.Top ?? 0;

    /// <summary>Whether a verdict on a packet that nobody sealed is one that needs no key's secret.</summary>
    public static bool IsVerdictOnForgery(DropReason verdict) => verdict
        is DropReason.TooShort or DropReason.UnknownSpi or DropReason.Misaligned or DropReason.IcvMismatch
        or DropReason.TooOld or DropReason.Replayed or DropReason.SequenceZero;

    /// <summary>Checks the verdict on a packet that was sealed, and remembers what was accepted.</summary>
    /// <param name="candidates">All that were sealed with these very octets; with 64-bit numbers, perhaps under several high halves.</param>
    /// <param name="verdict">Ours.</param>
    /// <param name="topAtStart">The highest number when its batch was prepared.</param>
    public void Judge(IReadOnlyList<SealedPacket> candidates, DropReason verdict, ulong topAtStart)
    {
        SealedPacket? packet = candidates.FirstOrDefault(candidate => IsInReach(candidate.Number, topAtStart));
        if (packet is null)
        {
            Require.Holds(verdict is DropReason.IcvMismatch or DropReason.TooOld or DropReason.Replayed or DropReason.SequenceZero);
            return;
        }

        DropReason number = _window?.Check(packet.Number) ?? DropReason.None;
        if (packet.Fate == DropReason.None && number == DropReason.None)
        {
            Require.AreEqual(DropReason.None, verdict);
            _window?.Commit(packet.Number);
            return;
        }

        // Whichever is looked at first.
        Require.Holds(verdict != DropReason.None && (verdict == packet.Fate || verdict == number));
    }

    /// <summary>Whether the high half can be inferred.</summary>
    private bool IsInReach(ulong number, ulong top)
    {
        ulong edge = top < (ulong)_size ? 0 : top - (ulong)_size + 1;
        return !_isExtended || (number >= edge && number - edge <= uint.MaxValue);
    }
}
