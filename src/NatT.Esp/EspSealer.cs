using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Esp;

/// <summary>Seals IP packets into ESP tunnel-mode packets (RFC 4303 §3.3), one a call. One thread owns it.</summary>
/// <remarks>
/// It takes no socket and writes no UDP header: <see cref="UdpEncapsulation"/> has what goes between that and the SPI.
/// <para>
/// Numbers never come twice under one key, or replays pass and, with an AEAD, keys leak. Whoever seals under the same key
/// again, in another process too, starts at a <see cref="NextNumber"/> that was kept where a crash does not lose it.
/// </para>
/// </remarks>
public sealed class EspSealer : IDisposable
{
    private readonly OutboundSecurityAssociation _association;
    private readonly RandomIvs _ivs;

    /// <param name="parameters">SPI and keys of tunnel mode; the sealer owns them from now on.</param>
    /// <param name="firstNumber">1 for keys that nobody used yet.</param>
    /// <param name="entropy">Where IVs come from: the operating system's generator.</param>
    public EspSealer(SecurityAssociationParameters parameters, ulong firstNumber, EntropySource entropy)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        parameters.RequireTunnelMode();
        var numbers = new SequenceCounter(firstNumber, parameters.IsExtended) { LastReserved = ulong.MaxValue };
        _ivs = new RandomIvs(entropy);
        _association = new OutboundSecurityAssociation(parameters, numbers, _ivs);
    }

    /// <summary>The sequence number of the next packet.</summary>
    public ulong NextNumber => _association.Sequence.Next;

    /// <summary>Whether new keys are due: nine tenths of the numbers are used, or 2^42 blocks.</summary>
    public bool NeedsNewKeys => _association.NeedsNewKeys;

    /// <summary>Octets that <see cref="TrySeal"/> writes for an inner packet of <paramref name="innerLength"/>.</summary>
    public int SealedLength(int innerLength) => _association.Parameters.SealedLength(innerLength);

    /// <summary>Seals one packet.</summary>
    /// <param name="inner">A whole IPv4 or IPv6 packet.</param>
    /// <param name="sealedPacket">At least <see cref="SealedLength"/> octets, apart from <paramref name="inner"/>.</param>
    /// <param name="length">Octets written, SPI to ICV; 0 where nothing was.</param>
    /// <returns>
    /// <see cref="DropReason.None"/>, <see cref="DropReason.MalformedInner"/>, or <see cref="DropReason.SequenceExhausted"/>:
    /// numbers or blocks under this key are used up.
    /// </returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public DropReason TrySeal(ReadOnlySpan<byte> inner, Span<byte> sealedPacket, out int length)
    {
        length = 0;
        if (!InnerPacket.TryRead(inner, out InnerPacket packet) || packet.Octets.Length != inner.Length)
        {
            return DropReason.MalformedInner;
        }

        int sealedLength = SealedLength(inner.Length);
        if (sealedPacket.Length < sealedLength)
        {
            throw new ArgumentException($"{sealedLength} octets are needed, and there are {sealedPacket.Length}.", nameof(sealedPacket));
        }

        sealedPacket = sealedPacket[..sealedLength];
        DropReason reason = _association.TryPrepare(sealedPacket, inner.Length, packet.NextHeader, out SealJob job);
        if (reason == DropReason.None)
        {
            _association.Parameters.Key.Suite.Seal(inner, sealedPacket, new ReadOnlySpan<SealJob>(in job));
            length = sealedLength;
        }

        return reason;
    }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        _association.Dispose();
        _ivs.Dispose();
    }
}
