using System.Security.Cryptography;
using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Diagnosis;

/// <summary>
/// The one place through which the data path shows the diagnosis a datagram that failed, at most one a second. The inbound thread
/// fills it, the control loop empties it; neither waits, locks or allocates.
/// </summary>
public sealed class FailingDatagram
{
    /// <summary>Octets; of what is longer others will tell as much.</summary>
    public const int Largest = 2048;

    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(1);

    /// <summary>Whoever sends under no SPI of ours leaves every other second to the peers.</summary>
    private static readonly TimeSpan StrangerSpacing = TimeSpan.FromSeconds(2);

    /// <summary>What fails time and again is kept again after this time, once nothing new came for a second.</summary>
    private static readonly TimeSpan RepeatSpacing = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(60);

    private readonly byte[] _octets = GC.AllocateUninitializedArray<byte>(Largest, pinned: true);
    private bool _isFull;

    // Written before _isFull is set, read before it is cleared.
    private int _length;
    private DropReason _reason;
    private bool _isOpened;
    private OuterEndpoint _source;

    // The inbound thread's alone.
    private readonly Shown[] _shown = new Shown[16];
    private TimeSpan _nextAt;
    private TimeSpan _nextStrangerAt;
    private int _nextShown;

    /// <summary>Inbound thread: keeps a copy of the datagram if one is wanted now.</summary>
    public void Offer(ReadOnlySpan<byte> datagram, DropReason reason, bool isOpened, OuterEndpoint source, TimeSpan now)
    {
        if (now < _nextAt || Volatile.Read(ref _isFull) || datagram.Length > Largest || datagram.Length < EspHeader.Size)
        {
            return;
        }

        bool isStranger = reason is DropReason.UnknownSpi or DropReason.Ike;
        if (!IsTelling(reason, isOpened) || (isStranger && now < _nextStrangerAt) || !TryNote(SpiOf(datagram), reason, now))
        {
            return;
        }

        _nextAt = now + Spacing;
        _nextStrangerAt = isStranger ? now + StrangerSpacing : _nextStrangerAt;
        datagram.CopyTo(_octets);
        (_length, _reason, _isOpened, _source) = (datagram.Length, reason, isOpened, source);
        Volatile.Write(ref _isFull, true);
    }

    /// <summary>Control loop: what failed; it stays until <see cref="Empty"/>.</summary>
    public bool TryLook(out DatagramEvidence evidence)
    {
        bool isFull = Volatile.Read(ref _isFull);
        evidence = isFull
            ? new DatagramEvidence { Octets = _octets.AsSpan(0, _length), Reason = _reason, IsOpened = _isOpened, Source = _source }
            : default;
        return isFull;
    }

    /// <summary>Control loop: wipes the datagram, which may be decrypted, and lets the next one in.</summary>
    public void Empty()
    {
        CryptographicOperations.ZeroMemory(_octets.AsSpan(0, _length));
        Volatile.Write(ref _isFull, false);
    }

    /// <summary>Whether the two ends may be to blame; of an accepted packet, its framing.</summary>
    private static bool IsTelling(DropReason reason, bool isOpened) => reason switch
    {
        DropReason.None or DropReason.Unsynchronised => isOpened,
        DropReason.TooShort or DropReason.Misaligned or DropReason.IcvMismatch => true,
        DropReason.UnknownSpi or DropReason.Ike => true,
        DropReason.BadPadding or DropReason.UnexpectedNextHeader or DropReason.MalformedInner => true,
        DropReason.OwnSource or DropReason.SelectorMismatch => true,
        DropReason.TooOld or DropReason.Replayed or DropReason.SequenceZero => true,
        _ => false,
    };

    private static uint SpiOf(ReadOnlySpan<byte> datagram) =>
        UdpEncapsulation.TryFindEsp(datagram, out UdpFraming framing) == DropReason.None
            ? EspHeader.ReadSpi(datagram[UdpEncapsulation.MarkerSize(framing)..])
            : 0;

    /// <summary>False where others are to have their turn first.</summary>
    private bool TryNote(uint spi, DropReason reason, TimeSpan now)
    {
        foreach (ref Shown shown in _shown.AsSpan())
        {
            if (shown.Spi != spi || shown.Reason != reason || now - shown.At >= Memory)
            {
                continue;
            }

            if (now - shown.At < RepeatSpacing || now < _nextAt + Spacing)
            {
                return false;
            }

            shown = shown with { At = now };
            return true;
        }

        _shown[_nextShown] = new Shown(spi, reason, now);
        _nextShown = (_nextShown + 1) % _shown.Length;
        return true;
    }

    private readonly record struct Shown(uint Spi, DropReason Reason, TimeSpan At);
}
