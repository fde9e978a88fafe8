using NatT.Crypto;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Diagnosis;

/// <summary>
/// Finds out what the two ends do not agree on, from one datagram that failed: tries the alternatives with keys that it only reads, on
/// copies, and changes nothing. Its cost is bounded however many peers there are.
/// </summary>
public sealed class MismatchTrials(PeerParametersTable peers)
{
    /// <summary>Of so many peers and no more each one's keys are tried on an SPI that nobody has.</summary>
    private const int MostTried = 8;

    /// <summary>Appends what is found to <paramref name="found"/>: nothing where the two ends are not to blame.</summary>
    public void Examine(in DatagramEvidence evidence, List<Mismatch> found)
    {
        ArgumentNullException.ThrowIfNull(found);
        if (evidence.Reason == DropReason.Ike)
        {
            found.Add(MismatchText.Ike(evidence.Source));
            return;
        }

        if (UdpEncapsulation.TryFindEsp(evidence.Octets, out UdpFraming framing) != DropReason.None)
        {
            return;
        }

        ReadOnlySpan<byte> packet = evidence.Octets[UdpEncapsulation.MarkerSize(framing)..];
        if (peers.FindInbound(EspHeader.ReadSpi(packet)) is not PeerParameters peer)
        {
            ExamineUnknownSpi(packet, evidence, found);
        }
        else if (!evidence.IsOpened)
        {
            ExamineIcv(packet, peer, evidence, found);
        }
        else if (evidence.Reason is DropReason.OwnSource or DropReason.SelectorMismatch)
        {
            ExamineSelectors(packet, peer, found);
        }
        else if (evidence.Reason is DropReason.BadPadding or DropReason.UnexpectedNextHeader or DropReason.MalformedInner)
        {
            ExaminePlaintext(packet, peer, found);
        }
    }

    private void ExamineUnknownSpi(ReadOnlySpan<byte> packet, in DatagramEvidence evidence, List<Mismatch> found)
    {
        uint spi = EspHeader.ReadSpi(packet);
        if (peers.FindOutbound(spi) is PeerParameters swapped)
        {
            found.Add(
                IcvTrials.Find(packet, swapped.Inbound) is not null ? MismatchText.SpisSwapped(swapped.Name, spi)
                : IcvTrials.Find(packet, swapped.Outbound) is not null ? MismatchText.SameConf(swapped.Name, evidence.Source)
                : MismatchText.SpisMayBeSwapped(swapped.Name, spi, evidence.Source));
            return;
        }

        if (peers.All.Count <= MostTried)
        {
            foreach (PeerParameters peer in peers.All)
            {
                if (IcvTrials.Find(packet, peer.Inbound) is not null)
                {
                    found.Add(MismatchText.SpiOfPeer(peer.Name, spi, peer.Inbound.Spi));
                    return;
                }
            }
        }

        found.Add(MismatchText.SpiOfNobody(spi, evidence.Source));
    }

    private static void ExamineIcv(ReadOnlySpan<byte> packet, PeerParameters peer, in DatagramEvidence evidence, List<Mismatch> found)
    {
        SecurityAssociationParameters ours = peer.Inbound;
        IcvMatch? match = IcvTrials.Find(packet, ours);
        if (match is null && (match = IcvTrials.Find(packet, peer.Outbound)) is not null)
        {
            found.Add(MismatchText.KeyDirection(peer.Name));
        }

        if (match is IcvMatch theirs)
        {
            if (theirs.IcvSize != ours.Key.IcvSize)
            {
                found.Add(MismatchText.IcvLength(peer.Name, theirs.IcvSize * 8, ours.Key.IcvSize * 8));
            }

            if (theirs.IsExtended != ours.IsExtended)
            {
                found.Add(MismatchText.SequenceLength(peer.Name, ours.IsExtended));
            }

            return;
        }

        CipherSuite suite = ours.Key.Suite;
        if (IcvTrials.Fits(packet.Length, ours, ours.Key.IcvSize))
        {
            found.Add(MismatchText.AuthenticationKey(peer.Name, suite, evidence.Source));
            return;
        }

        foreach (int icvSize in suite.IcvSizes)
        {
            if (IcvTrials.Fits(packet.Length, ours, icvSize))
            {
                found.Add(MismatchText.IcvLengthByLength(peer.Name, icvSize * 8, ours.Key.IcvSize * 8));
                return;
            }
        }

        found.Add(MismatchText.Suite(peer.Name, suite, evidence.Source));
    }

    private static void ExamineSelectors(ReadOnlySpan<byte> packet, PeerParameters peer, List<Mismatch> found)
    {
        // In transport mode this end writes the addresses itself.
        if (peer.Inbound.Transport is not null || !EspTrailer.TryRead(PlaintextOf(packet, peer), out int bodyLength, out _)
            || !InnerPacket.TryRead(PlaintextOf(packet, peer)[..bodyLength], out InnerPacket inner))
        {
            return;
        }

        (IpAddress source, IpAddress destination) = (inner.Source, inner.Destination);
        found.Add(
            peer.Policy.IsOwnAddress(source) ? MismatchText.OwnSource(peer.Name, source)
            : peer.Selector.Remote.Any(prefix => prefix.Contains(source)) ? MismatchText.Destination(peer.Name, source, destination)
            : MismatchText.Source(peer.Name, source, destination));
    }

    /// <summary>
    /// Judges what an authentic packet holds. Nonsense has a padding of one octet or more, each as it has to be, once in 65,536; without any
    /// it says nothing. An AEAD's ICV vouches for the key to encrypt with too.
    /// </summary>
    private static void ExaminePlaintext(ReadOnlySpan<byte> packet, PeerParameters peer, List<Mismatch> found)
    {
        ReadOnlySpan<byte> plaintext = PlaintextOf(packet, peer);
        bool isPadded = EspTrailer.TryRead(plaintext, out int bodyLength, out byte nextHeader);
        bool isAead = peer.Inbound.Key.Suite is AeadSuite;
        if (isPadded)
        {
            if (isAead || bodyLength < plaintext.Length - EspTrailer.Size)
            {
                ExamineNextHeader(nextHeader, peer, found);
            }
        }
        else if (peer.Inbound.Transport is not null && LooksLikeIp(plaintext))
        {
            found.Add(MismatchText.TunnelMode(peer.Name));
        }
        else if (!isAead && !LooksLikeIp(plaintext) && !(peer.Inbound.Transport is not null && LooksLikeUpperLayer(plaintext)))
        {
            found.Add(MismatchText.EncryptionKey(peer.Name));
        }
    }

    private static void ExamineNextHeader(byte nextHeader, PeerParameters peer, List<Mismatch> found)
    {
        bool isTransport = peer.Inbound.Transport is not null;
        switch (nextHeader)
        {
            case EspTrailer.NextHeaderDummy:
                break;
            case EspTrailer.NextHeaderIPv4 or EspTrailer.NextHeaderIPv6:
                if (isTransport)
                {
                    found.Add(MismatchText.TunnelMode(peer.Name));
                }

                break;
            case InnerPacket.ProtocolIcmp or InnerPacket.ProtocolIcmpV6 when isTransport:
                found.Add(MismatchText.OtherVersion(peer.Name, nextHeader, isIPv6: nextHeader == InnerPacket.ProtocolIcmpV6));
                break;
            default:
                if (!isTransport)
                {
                    found.Add(MismatchText.TransportMode(peer.Name, nextHeader));
                }

                break;
        }
    }

    /// <summary>A sender may pad as it likes and still encrypt under the right key.</summary>
    private static bool LooksLikeIp(ReadOnlySpan<byte> plaintext) =>
        InnerPacket.TryRead(plaintext, out InnerPacket inner)
        && inner.HasValidHeaderChecksum
        && (!inner.IsIPv6 || plaintext[^1] == EspTrailer.NextHeaderIPv6);

    /// <summary>The same where there is no IP header: TCP, UDP or ICMP that its next header announces.</summary>
    private static bool LooksLikeUpperLayer(ReadOnlySpan<byte> plaintext) =>
        plaintext[^1] is UpperLayer.ProtocolTcp or UpperLayer.ProtocolUdp or InnerPacket.ProtocolIcmp or InnerPacket.ProtocolIcmpV6
        && plaintext[^2] <= plaintext.Length - EspTrailer.Size;

    private static ReadOnlySpan<byte> PlaintextOf(ReadOnlySpan<byte> packet, PeerParameters peer) =>
        packet[peer.Inbound.BodyStart..^peer.Inbound.Key.IcvSize];
}
