using NatT.Crypto;
using NatT.Esp.Wire;

namespace NatT.Esp.Associations;

/// <summary>
/// The receiving end of a simplex SA: describes packets for the suite to open, then judges numbers and trailers.
/// One thread owns it.
/// </summary>
/// <remarks>
/// With a window, an SA is <em>unsynchronised</em> until it learns which numbers are fresh: keys are static, so after a
/// restart without an exact record any authentic packet may be a replay. Only <see cref="SynchroniseAt"/> ends that.
/// </remarks>
public sealed class InboundSecurityAssociation : IDisposable
{
    private const int RetriesPerSecond = 16;

    /// <summary>One key's blocks are used up before its packets reach a higher high half.</summary>
    private const uint HighestGuess = 1024;

    private readonly ReplayWindow? _window;
    private readonly MissingNumbers? _missing;
    private readonly int _windowSize;
    private TimeSpan _retrySecond;
    private int _retries;
    private uint _lastGuess;
    private long _windowVersion;

    /// <param name="parameters">SPI and keys.</param>
    /// <param name="windowSize">0 (no replay protection, 32-bit numbers only) or 32 to 8192.</param>
    public InboundSecurityAssociation(SecurityAssociationParameters parameters, int windowSize)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.IsExtended && windowSize == 0)
        {
            // The high half is inferred from the window's top (RFC 4303 §3.4.3): without one, it stayed 0 for ever.
            throw new ArgumentException("Extended sequence numbers need a replay window.", nameof(windowSize));
        }

        Parameters = parameters;
        _windowSize = windowSize;
        _window = windowSize == 0 ? null : new ReplayWindow(windowSize);
        _missing = windowSize == 0 ? null : new MissingNumbers(windowSize);
    }

    public SecurityAssociationParameters Parameters { get; }

    /// <summary>Whether replays are told apart at all.</summary>
    public bool HasWindow => _window is not null;

    /// <summary>0: no replay protection.</summary>
    public int WindowSize => _windowSize;

    public bool IsSynchronised { get; private set; }

    /// <summary>The highest number accepted; 0 without a window.</summary>
    public ulong Top => _window?.Top ?? 0;

    /// <summary>Numbers that never came since the window started, over all its starts; null without a window. Any thread may read it.</summary>
    public long? Missing => _missing?.Count;

    /// <summary>Rises with every number the window takes, and whenever it starts over. Any thread may read it.</summary>
    public long WindowVersion => Volatile.Read(ref _windowVersion);

    /// <summary>Reads what the next packet needs, and nothing else.</summary>
    public void Fetch()
    {
        _ = Volatile.Read(ref _windowVersion);
        _ = _missing?.Count;
        _window?.Fetch();
        Parameters.Key.Fetch();
    }

    /// <summary>Describes the packet for the suite, or says why it cannot be one of this SA's.</summary>
    /// <param name="packet">SPI to ICV.</param>
    /// <param name="job">The job, but for its offset, which only the caller knows.</param>
    /// <param name="number">The sequence number, its high half inferred.</param>
    public DropReason TryPrepare(ReadOnlySpan<byte> packet, out OpenJob job, out ulong number)
    {
        job = default;
        number = 0;
        CipherSuite suite = Parameters.Key.Suite;
        int ciphertext = packet.Length - suite.Overhead(Parameters.Key.IcvSize);
        if (ciphertext < EspTrailer.PaddedLength(0, Parameters.Alignment))
        {
            return DropReason.TooShort;
        }

        if (ciphertext % Parameters.Alignment != 0)
        {
            return DropReason.Misaligned;
        }

        uint low = EspHeader.ReadSequenceNumber(packet);
        number = Parameters.IsExtended ? ExtendedSequence.Infer(low, Top, _windowSize) : low;
        job = new OpenJob
        {
            Key = Parameters.Key,
            Offset = 0,
            Length = packet.Length,
            SequenceHigh = Parameters.IsExtended ? (uint)(number >> 32) : null,
        };
        return DropReason.None;
    }

    /// <summary>Where an opened packet's inner packet lies, or in transport mode what was behind its header; or why there is none to deliver.</summary>
    /// <param name="packet">SPI to ICV, its ciphertext decrypted.</param>
    /// <param name="body">The range of the inner packet with whatever trails it.</param>
    /// <param name="nextHeader">Where the result is <see cref="DropReason.None"/>: 4 or 41, in transport mode the upper layer's protocol.</param>
    public DropReason TryReadBody(ReadOnlySpan<byte> packet, out Range body, out byte nextHeader)
    {
        int start = EspHeader.Size + Parameters.Key.Suite.IvSize;
        body = default;
        if (!EspTrailer.TryRead(packet[start..^Parameters.Key.IcvSize], out int bodyLength, out nextHeader))
        {
            return DropReason.BadPadding;
        }

        body = start..(start + bodyLength);
        if (nextHeader == EspTrailer.NextHeaderDummy)
        {
            return DropReason.Dummy;
        }

        bool isExpected = Parameters.Transport is TransportMode transport
            ? transport.Carries(nextHeader)
            : nextHeader is EspTrailer.NextHeaderIPv4 or EspTrailer.NextHeaderIPv6;
        return isExpected ? DropReason.None : DropReason.UnexpectedNextHeader;
    }

    /// <summary>Whether an authentic packet of this number is fresh; changes nothing.</summary>
    public DropReason CheckNumber(ulong number)
    {
        if (_window is null)
        {
            return DropReason.None;
        }

        return IsSynchronised ? _window.Check(number) : DropReason.Unsynchronised;
    }

    /// <summary>Marks a fresh number as seen, once its packet passed every other check; true where it is the highest yet.</summary>
    public bool CommitNumber(ulong number)
    {
        if (_window is null || _missing is null)
        {
            return true;
        }

        bool isNewest = number > _window.Top;
        _window.Commit(number);
        _missing.NoteAccepted(number);
        Volatile.Write(ref _windowVersion, _windowVersion + 1);
        return isNewest;
    }

    /// <summary>An authentic packet was dropped: its number stays fresh, but is not missing.</summary>
    public void NoteDropped(ulong number)
    {
        if (_missing is not null && CheckNumber(number) == DropReason.None)
        {
            _missing.NoteDropped(number);
        }
    }

    /// <summary>Takes <paramref name="top"/> as the highest number seen: all at or below it are old from now on.</summary>
    /// <remarks>Only a fresh answer, this boot's exact record, or the durable mark may lead here; never a bare authentic packet.</remarks>
    public void SynchroniseAt(ulong top)
    {
        _window?.StartAt(top);
        _missing?.StartAt(top);
        IsSynchronised = true;
        OtherHigh = null;
        Volatile.Write(ref _windowVersion, _windowVersion + 1);
    }

    /// <summary>Takes all numbers as fresh: for keys that were never used.</summary>
    public void StartUnused()
    {
        SynchroniseAt(0);
        _missing?.StartAtFirst();
    }

    /// <summary>For an unsynchronised ESN receiver: where to look for the sender's high half first.</summary>
    /// <remarks>No effect once synchronised: a hint must not move a window that tells replays apart.</remarks>
    public void ExpectNear(ulong top)
    {
        if (!IsSynchronised)
        {
            _window?.StartAt(top);
        }
    }

    /// <summary>Whether a packet that failed under the inferred high half may be tried under others: a few a second, as each costs a MAC.</summary>
    public bool TrySpendRetry(TimeSpan now)
    {
        if (now - _retrySecond >= TimeSpan.FromSeconds(1))
        {
            _retrySecond = now;
            _retries = 0;
        }

        return ++_retries <= RetriesPerSecond;
    }

    /// <summary>The high half other than the inferred one that last proved right; a hint that only saves guesses.</summary>
    public uint? OtherHigh { get; set; }

    /// <summary>One high half after the other, for a receiver without a record.</summary>
    public uint NextGuess() => _lastGuess = (_lastGuess + 1) % HighestGuess;

    public void Dispose() => Parameters.Key.Dispose();
}
