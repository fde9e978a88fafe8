using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Diagnosis;

/// <summary>
/// Says why datagrams fail, from at most one of them a second. Off the data path: it reads keys and what monitors know, changes no SA and
/// sends nothing. The control loop runs it.
/// </summary>
public sealed class MismatchDiagnosis
{
    /// <summary>Whoever was heard so lately has our keys: what fails beside is forged or damaged, and counted as such.</summary>
    private static readonly TimeSpan HeardLately = TimeSpan.FromSeconds(30);

    /// <summary>A peer that was asked so often and never answered does not take what we send.</summary>
    private const int ProbesInVain = 4;

    private PeerTable _peers;
    private readonly FailingDatagram _failing;
    private readonly TimeProvider _time;
    private readonly MismatchLog _log;
    private readonly RestartSuspicion _restart = new();
    private readonly List<Mismatch> _found = [];
    private Lazy<MismatchTrials> _trials;

    public MismatchDiagnosis(PeerTable peers, FailingDatagram failing, TimeProvider time, ILogger logger)
    {
        _failing = failing;
        _time = time;
        _log = new MismatchLog(logger);
        Follow(peers);
    }

    /// <summary>Control loop: there are other peers, or other keys of theirs, from now on.</summary>
    [MemberNotNull(nameof(_peers), nameof(_trials))]
    public void Follow(PeerTable peers)
    {
        _peers = peers;
        _log.Forget();

        // Where nothing ever fails, nothing is set up.
        _trials = new Lazy<MismatchTrials>(() => new MismatchTrials(new PeerParametersTable(peers.Pairs.Select(PeerParameters.Of))));
    }

    /// <summary>What was found of late, the latest last. Any thread.</summary>
    public ImmutableArray<MismatchReport> Report()
    {
        TimeSpan now = _time.GetElapsedTime(0);
        return
        [
            .. _log.Remembered.Select(entry => new MismatchReport
            {
                Cause = entry.Mismatch.Cause.ToString(),
                Peer = entry.Mismatch.Peer,
                Proven = entry.Mismatch.IsProven,
                Text = entry.Mismatch.Text,
                SecondsAgo = Math.Round((now - entry.At).TotalSeconds, 3),
            }),
        ];
    }

    /// <summary>Control loop: looks at what failed, if anything did.</summary>
    internal void Tick(TimeSpan now)
    {
        if (!_failing.TryLook(out DatagramEvidence evidence))
        {
            return;
        }

        _found.Clear();
        if (FindPeer(evidence.Octets, out UdpFraming framing, out uint spi, out uint number) is not Peer peer)
        {
            ExamineUnknown(evidence, spi);
        }
        else if (evidence.Reason is DropReason.None or DropReason.Unsynchronised)
        {
            ExamineFraming(peer, framing);
        }
        else if (evidence.Reason is DropReason.TooOld or DropReason.Replayed or DropReason.SequenceZero)
        {
            ExamineNumber(peer, number, now);
        }
        else if (peer.Rotation is KeyRotation rotation && rotation.Probed == peer)
        {
            ExamineNext(evidence);
        }
        else if (evidence.IsOpened || !WasHeardLately(peer, now))
        {
            _trials.Value.Examine(evidence, _found);
        }

        _failing.Empty();
        foreach (Mismatch mismatch in _found)
        {
            _log.Note(mismatch, now);
        }
    }

    private Peer? FindPeer(ReadOnlySpan<byte> datagram, out UdpFraming framing, out uint spi, out uint number)
    {
        (spi, number) = (0, 0);
        if (UdpEncapsulation.TryFindEsp(datagram, out framing) != DropReason.None)
        {
            return null;
        }

        ReadOnlySpan<byte> packet = datagram[UdpEncapsulation.MarkerSize(framing)..];
        (spi, number) = (EspHeader.ReadSpi(packet), EspHeader.ReadSequenceNumber(packet));
        return _peers.FindBySpi(spi);
    }

    /// <summary>An SPI from where all peers are up is more likely the next of one than a wrong one: none lacks an SPI.</summary>
    private void ExamineUnknown(in DatagramEvidence evidence, uint spi)
    {
        _trials.Value.Examine(evidence, _found);
        if (_found is [{ Cause: MismatchCause.SpiUnknown, Peer: null }] && FindPeerUpAt(evidence.Source) is Peer peer)
        {
            _found[0] = MismatchText.NextKeys(peer.Name, spi, evidence.Source);
        }
    }

    /// <summary>The first peer there; null where there is none, or one that is not up.</summary>
    private Peer? FindPeerUpAt(OuterEndpoint source)
    {
        Peer? first = null;
        foreach (Peer peer in _peers.Peers)
        {
            if (peer.Monitor.Route.Endpoint != source)
            {
                continue;
            }

            if (!peer.Monitor.Sight.IsUp)
            {
                return null;
            }

            first ??= peer;
        }

        return first;
    }

    /// <summary>That a peer is heard under its present keys says nothing of those that are to follow.</summary>
    private void ExamineNext(in DatagramEvidence evidence)
    {
        _trials.Value.Examine(evidence, _found);
        for (int i = 0; i < _found.Count; i++)
        {
            _found[i] = MismatchText.OfNextKeys(_found[i]);
        }
    }

    private void ExamineFraming(Peer peer, UdpFraming framing)
    {
        PeerSight sight = peer.Monitor.Sight;
        if (peer.Monitor.ConfiguredFraming != framing && sight.LastAnswer is null && sight.ProbesSent >= ProbesInVain)
        {
            _found.Add(MismatchText.Framing(peer.Name, framing));
        }
    }

    private void ExamineNumber(Peer peer, uint number, TimeSpan now)
    {
        if (_restart.IsUndecidable(peer.Name, peer.Monitor.Sight, now))
        {
            _found.Add(MismatchText.SequenceRestart(peer.Name, number));
        }
    }

    private static bool WasHeardLately(Peer peer, TimeSpan now) =>
        peer.Monitor.Sight.LastHeardAt is TimeSpan heardAt && now - heardAt < HeardLately;
}
