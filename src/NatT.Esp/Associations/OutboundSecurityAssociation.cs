using NatT.Crypto;
using NatT.Esp.Wire;

namespace NatT.Esp.Associations;

/// <summary>The sending end of a simplex SA: numbers, pads and frames packets for the suite to seal. One thread owns it.</summary>
public sealed class OutboundSecurityAssociation : IDisposable
{
    /// <summary>Blocks of 16 octets under one key at which CBC's birthday bound leaves no comfortable margin: warn. Other ciphers keep to it too.</summary>
    public const ulong WarningBlocks = 1UL << 42;

    /// <summary>Blocks under one key at which the SA stops.</summary>
    public const ulong MaximumBlocks = 1UL << 44;

    /// <summary>What an earlier packet is taken to have had, where only its number is known: a full 1500-octet frame.</summary>
    private const ulong BlocksOfEarlierPacket = 94;

    private const int BlockSize = 16;

    private readonly RandomIvs _ivs;

    /// <summary>Null where IVs have to be unpredictable, rather than never the same.</summary>
    private readonly CounterIvs? _counterIvs;

    private ulong _blocks;
    private bool _isEnding;

    public OutboundSecurityAssociation(SecurityAssociationParameters parameters, SequenceCounter sequence, RandomIvs ivs)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(sequence);
        ArgumentNullException.ThrowIfNull(ivs);
        Parameters = parameters;
        Sequence = sequence;
        _ivs = ivs;
        _counterIvs = parameters.Key.Suite is AeadSuite ? DrawCounterIvs() : null;
        _blocks = (ulong)UInt128.Min(MaximumBlocks, (UInt128)(sequence.Next - 1) * BlocksOfEarlierPacket);
    }

    public SecurityAssociationParameters Parameters { get; }

    public SequenceCounter Sequence { get; }

    /// <summary>Whether the operator should make new keys soon.</summary>
    public bool NeedsNewKeys => Sequence.IsNearlyExhausted || _blocks > WarningBlocks;

    /// <summary>Reads what the next packet needs, and nothing else.</summary>
    public void Fetch()
    {
        _ = Volatile.Read(ref _blocks);
        Sequence.Fetch();
        Parameters.Key.Fetch();
    }

    /// <summary>Its keys are about to be wiped: its owner may not start another packet. Any thread.</summary>
    public bool IsEnding
    {
        get => Volatile.Read(ref _isEnding);
        set => Volatile.Write(ref _isEnding, value);
    }

    /// <summary>
    /// Writes all but the ciphertext of the next packet into <paramref name="packet"/> (header, fresh IV, trailer) and describes
    /// what is left to the suite.
    /// </summary>
    /// <param name="packet">Exactly <see cref="SecurityAssociationParameters.SealedLength"/> octets.</param>
    /// <param name="bodyLength">Octets of inner packet, in transport mode without its IP header.</param>
    /// <param name="nextHeader">4 or 41, in transport mode the upper layer's protocol.</param>
    /// <param name="job">The job, but for its two offsets, which only the caller knows.</param>
    public DropReason TryPrepare(Span<byte> packet, int bodyLength, byte nextHeader, out SealJob job)
    {
        job = default;
        CipherSuite suite = Parameters.Key.Suite;
        int ciphertext = packet.Length - suite.Overhead(Parameters.Key.IcvSize);
        ulong blocks = Blocks(ciphertext);
        if (_blocks + blocks > MaximumBlocks)
        {
            return DropReason.SequenceExhausted;
        }

        DropReason reason = Sequence.TryTake(out ulong number);
        if (reason != DropReason.None)
        {
            return reason;
        }

        _blocks += blocks;
        EspHeader.Write(packet, Parameters.Spi, (uint)number);
        WriteIv(packet.Slice(EspHeader.Size, suite.IvSize), number);
        EspTrailer.Write(packet[(EspHeader.Size + suite.IvSize + bodyLength)..^Parameters.Key.IcvSize], nextHeader);
        job = new SealJob
        {
            Key = Parameters.Key,
            BodyOffset = 0,
            BodyLength = bodyLength,
            Offset = 0,
            Length = packet.Length,
            SequenceHigh = Parameters.IsExtended ? (uint)(number >> 32) : null,
        };
        return DropReason.None;
    }

    public void Dispose() => Parameters.Key.Dispose();

    private CounterIvs DrawCounterIvs()
    {
        Span<byte> random = stackalloc byte[CounterIvs.RandomSize];
        _ivs.Fill(random);
        return new CounterIvs(random, Parameters.IsExtended);
    }

    private void WriteIv(Span<byte> iv, ulong number)
    {
        if (_counterIvs is null)
        {
            _ivs.Fill(iv);
        }
        else
        {
            _counterIvs.Write(iv, number);
        }
    }

    /// <summary>What a packet takes of its key: an AEAD spends a block of its own on the ICV.</summary>
    private ulong Blocks(int ciphertext) => (ulong)(((ciphertext + BlockSize - 1) / BlockSize) + (_counterIvs is null ? 0 : 1));
}
