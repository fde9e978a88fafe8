using NatT.Crypto;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Diagnosis;

/// <summary>
/// Judges what arrives where no natt-tun runs: whose it is, and if it is nobody's, why not. It has no socket and no records, so that it
/// can neither answer nor spoil anything. One thread owns it.
/// </summary>
/// <remarks>What is authentic may still be a replay: only a running natt-tun can ask for a fresh answer.</remarks>
public sealed class ListeningPost
{
    private const int MostRemembered = 64;

    /// <summary>Of what fails for one reason under one SPI, so many are looked into.</summary>
    private const int MostExamined = 3;

    private readonly MismatchTrials _trials;
    private readonly Dictionary<uint, (PeerParameters Peer, InboundSecurityAssociation Inbound)> _bySpi;
    private readonly Dictionary<(uint Spi, DropReason Reason), int> _examined = [];
    private readonly HashSet<string> _heard = [];
    private readonly List<Mismatch> _mismatches = [];
    private readonly List<Mismatch> _found = [];

    /// <param name="peers">Their keys stay the caller's.</param>
    public ListeningPost(IReadOnlyList<PeerParameters> peers)
    {
        ArgumentNullException.ThrowIfNull(peers);
        _trials = new MismatchTrials(new PeerParametersTable(peers));

        // It keeps no window: every authentic packet is news.
        _bySpi = peers.ToDictionary(
            peer => peer.Inbound.Spi, peer => (peer, new InboundSecurityAssociation(peer.Inbound, windowSize: ReplayWindow.Smallest)));
    }

    /// <summary>Datagrams of any kind.</summary>
    public long Datagrams { get; private set; }

    /// <summary>Names of peers of which an authentic packet with something to deliver came.</summary>
    public IReadOnlySet<string> Heard => _heard;

    /// <summary>One of each cause and peer.</summary>
    public IReadOnlyList<Mismatch> Mismatches => _mismatches;

    /// <summary>Takes a datagram, which it opens in place.</summary>
    /// <returns>The peer that was heard with it for the first time, or null.</returns>
    public string? Take(Span<byte> datagram, OuterEndpoint source)
    {
        Datagrams++;
        if (UdpEncapsulation.IsKeepalive(datagram))
        {
            return null;
        }

        DropReason reason = TryOpen(datagram, out uint spi, out bool isOpened, out string? peer);
        if (reason == DropReason.None)
        {
            return _heard.Add(peer!) ? peer : null;
        }

        _examined.TryGetValue((spi, reason), out int examined);
        if (examined < MostExamined && (examined > 0 || _examined.Count < MostRemembered))
        {
            _examined[(spi, reason)] = examined + 1;
            Examine(new DatagramEvidence { Octets = datagram, Reason = reason, IsOpened = isOpened, Source = source });
        }

        return null;
    }

    private void Examine(in DatagramEvidence evidence)
    {
        _found.Clear();
        _trials.Examine(evidence, _found);
        foreach (Mismatch mismatch in _found)
        {
            if (!_mismatches.Exists(known => known.Cause == mismatch.Cause && known.Peer == mismatch.Peer))
            {
                _mismatches.Add(mismatch);
            }
        }
    }

    /// <summary>The order of <see cref="InboundPath"/>, without numbers.</summary>
    private DropReason TryOpen(Span<byte> datagram, out uint spi, out bool isOpened, out string? peerName)
    {
        (spi, isOpened, peerName) = (0, false, null);
        DropReason reason = UdpEncapsulation.TryFindEsp(datagram, out UdpFraming framing);
        if (reason != DropReason.None)
        {
            return reason;
        }

        Span<byte> packet = datagram[UdpEncapsulation.MarkerSize(framing)..];
        spi = EspHeader.ReadSpi(packet);
        if (!_bySpi.TryGetValue(spi, out (PeerParameters Peer, InboundSecurityAssociation Inbound) found))
        {
            return DropReason.UnknownSpi;
        }

        (PeerParameters peer, InboundSecurityAssociation inbound) = found;
        peerName = peer.Name;
        reason = inbound.TryPrepare(packet, out OpenJob job, out _);
        if (reason != DropReason.None)
        {
            return reason;
        }

        job.Key.Suite.Open(packet, new Span<OpenJob>(ref job));
        isOpened = job.IsAuthentic || TryHigherNumbers(packet, ref job);
        if (!isOpened)
        {
            return DropReason.IcvMismatch;
        }

        reason = inbound.TryReadBody(packet, out Range body, out byte nextHeader);
        if (reason != DropReason.None || inbound.Parameters.Transport is not null)
        {
            // In transport mode the receiver writes the IP header, with addresses that its policy allows.
            return reason;
        }

        return InnerPacket.TryRead(packet[body], out InnerPacket inner) && inner.NextHeader == nextHeader
            ? peer.Policy.Check(inner)
            : DropReason.MalformedInner;
    }

    /// <summary>A sender with ESN may be some high halves ahead of the nothing that is known here.</summary>
    private static bool TryHigherNumbers(Span<byte> packet, ref OpenJob job)
    {
        const uint MostHighs = 8;
        for (uint high = 1; job.SequenceHigh is not null && !job.IsAuthentic && high < MostHighs; high++)
        {
            job = job with { SequenceHigh = high };
            job.Key.Suite.Open(packet, new Span<OpenJob>(ref job));
        }

        return job.IsAuthentic;
    }
}
