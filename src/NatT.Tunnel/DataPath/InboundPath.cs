using NatT.Crypto;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Wire;
using NatT.Tunnel.Control;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.DataPath;

/// <summary>
/// A packet's way in: UDP socket → SA by SPI → opened with its batch → trailer and inner header → selector → replay
/// window → endpoint and liveness → TUN device. One thread runs it and owns every inbound SA: it alone judges and delivers, in the
/// order in which datagrams came, whoever opens them.
/// </summary>
/// <remarks>
/// Numbers are judged after the ICV, so that a packet too old to deliver can still show that the peer is there and
/// started over: it asks for a probe, whose answer alone may move the window back.
/// </remarks>
public sealed partial class InboundPath(
    ITunDevice device, IDatagramSocket socket, PeerTable peers, ControlPackets queue, TimeProvider time, CipherHelpers? helpers = null)
{
    private readonly BatchLine<InboundBatch> _line = new(helpers, () => new InboundBatch());

    // What is being prepared or delivered.
    private InboundBatch _batch = null!;

    // Null until a packet comes in transport mode.
    private RebuiltPackets? _rebuilt;

    /// <summary>Drops that belong to no peer.</summary>
    public PathCounters Counters { get; } = new();

    /// <summary>Shows now and then what failed.</summary>
    public FailingDatagram Failing { get; } = new();

    /// <summary>Whose packets they are.</summary>
    public PublishedPeers Peers { get; } = new(peers);

    /// <summary>Waits for datagrams, then moves all there are. Where more of them wait, what helpers open is delivered in a later round.</summary>
    public void RunOnce()
    {
        if (Peers.IsOutdated)
        {
            Finish();
            Peers.TakeUp();
        }

        _batch = _line.Next;
        _batch.Clear();
        socket.Receive(_batch.Datagrams, waits: _line.IsEmpty);
        if (_batch.Datagrams.Count == 0)
        {
            Finish();
            return;
        }

        _batch.ReceivedAt = time.GetElapsedTime(0);
        FindPeers();
        Prepare();
        bool mayHaveMore = _line.HasHelpers && _batch.ArrivalCount >= BatchLine<InboundBatch>.WorthSharing;
        _line.Add();
        while (!_line.IsEmpty && (!mayHaveMore || _line.IsFull || _line.IsOldestDone))
        {
            DeliverOldest();
        }
    }

    /// <summary>Delivers what is under way: the last thing to do.</summary>
    public void Finish()
    {
        while (!_line.IsEmpty)
        {
            DeliverOldest();
        }
    }

    private void DeliverOldest()
    {
        _batch = _line.Finish();

        // From here on the batch holds inner packets. Arrivals keep what they need of their datagrams.
        _batch.Datagrams.Clear();
        for (int i = 0; i < _batch.ArrivalCount; i++)
        {
            ref InboundBatch.Arrival arrival = ref _batch.Arrivals[i];
            Deliver(ref arrival, ref arrival.Lane[arrival.Job], _batch.ReceivedAt);
        }

        // A number must be on record before its packet is out, or a crash in between would let it in twice.
        PublishTops(_batch.ReceivedAt);
        Write(_batch.Datagrams, _batch.Survivors);
        if (_rebuilt is not null)
        {
            Write(_rebuilt.Packets, _rebuilt.Counters);
            _rebuilt.Packets.Clear();
        }
    }

    private void Write(PacketBatch packets, ReadOnlySpan<PathCounters> counters)
    {
        if (packets.Count > 0)
        {
            device.Write(packets);
        }

        for (int i = 0; i < packets.Count; i++)
        {
            if (packets[i].IsRefused)
            {
                counters[i].CountDrop(DropReason.DeviceRefused);
            }
            else
            {
                counters[i].CountPacket(packets[i].Length);
            }
        }
    }

    /// <summary>Finds all datagrams' peers before the first is prepared: of many peers none is in a cache, and so their misses overlap.</summary>
    private void FindPeers()
    {
        for (int i = 0; i < _batch.Datagrams.Count; i++)
        {
            FindPeer(i);
        }

        Peer? last = _batch.ArrivalCount > 0 ? _batch.Arrivals[0].Peer : null;
        for (int i = 1; i < _batch.ArrivalCount; i++)
        {
            Peer peer = _batch.Arrivals[i].Peer;
            if (peer != last)
            {
                peer.FetchInbound();
                last = peer;
            }
        }
    }

    private void FindPeer(int index)
    {
        ReadOnlySpan<byte> datagram = _batch.Datagrams.Packet(index);
        if (UdpEncapsulation.IsKeepalive(datagram))
        {
            return;
        }

        DropReason reason = UdpEncapsulation.TryFindEsp(datagram, out UdpFraming framing);
        if (reason != DropReason.None)
        {
            Counters.CountDrop(reason);
            Show(_batch.Datagrams[index], reason);
            return;
        }

        Peer? peer = Peers.Table.FindBySpi(EspHeader.ReadSpi(datagram[UdpEncapsulation.MarkerSize(framing)..]));
        if (peer is null)
        {
            Counters.CountDrop(DropReason.UnknownSpi);
            Show(_batch.Datagrams[index], DropReason.UnknownSpi);
            return;
        }

        _batch.Arrivals[_batch.ArrivalCount++] = new InboundBatch.Arrival(peer, _batch.Datagrams[index], framing);
    }

    /// <summary>Describes what may be its peer's to the suite; the rest are no arrivals any more.</summary>
    private void Prepare()
    {
        int found = _batch.ArrivalCount;
        _batch.ArrivalCount = 0;
        for (int i = 0; i < found; i++)
        {
            ref InboundBatch.Arrival arrival = ref _batch.Arrivals[i];
            int offset = arrival.Datagram.Offset + UdpEncapsulation.MarkerSize(arrival.Framing);
            ReadOnlySpan<byte> packet = _batch.Datagrams.Buffer.AsSpan(offset..(arrival.Datagram.Offset + arrival.Datagram.Length));
            DropReason reason = arrival.Peer.Inbound.TryPrepare(packet, out OpenJob job, out ulong number);
            if (reason != DropReason.None)
            {
                arrival.Peer.InboundCounters.CountDrop(reason);
                Show(arrival.Datagram, reason);
                continue;
            }

            arrival.Number = number;
            arrival.Lane = _batch.Lanes.Of(job.Key.Suite);
            arrival.Job = arrival.Lane.Add(job with { Offset = offset });
            if (i != _batch.ArrivalCount)
            {
                _batch.Arrivals[_batch.ArrivalCount] = arrival;
            }

            _batch.ArrivalCount++;
        }
    }

    private void Deliver(ref InboundBatch.Arrival arrival, ref OpenJob job, TimeSpan now)
    {
        DropReason reason = TryDeliver(ref arrival, ref job, now);
        if (reason is DropReason.None or DropReason.Unsynchronised)
        {
            ShowFraming(arrival, reason);
        }
        else
        {
            Show(arrival.Datagram, reason, job.IsAuthentic);
        }

        if (reason == DropReason.None)
        {
            return;
        }

        arrival.Peer.InboundCounters.CountDrop(reason);
        if (job.IsAuthentic)
        {
            arrival.Peer.Inbound.NoteDropped(arrival.Number);
        }
    }

    /// <summary>Whether the peer takes what we send is not told by what it sends, but a framing that the conf rules out is a hint.</summary>
    private void ShowFraming(in InboundBatch.Arrival arrival, DropReason reason)
    {
        PeerMonitor monitor = arrival.Peer.Monitor;
        if (arrival.Framing != monitor.Route.Framing && monitor.ConfiguredFraming is not null)
        {
            Show(arrival.Datagram, reason, isOpened: true);
        }
    }

    private void Show(in PacketSlot datagram, DropReason reason, bool isOpened = false) =>
        Failing.Offer(
            _batch.Datagrams.Buffer.AsSpan(datagram.Offset, datagram.Length), reason, isOpened, datagram.Remote, _batch.ReceivedAt);

    /// <summary>Judges one opened packet, in the order of RFC 4303 §3.4 and RFC 4301 §5.2.</summary>
    private DropReason TryDeliver(ref InboundBatch.Arrival arrival, ref OpenJob job, TimeSpan now)
    {
        Peer peer = arrival.Peer;
        if (!job.IsAuthentic && !TryOtherNumbers(ref arrival, ref job, now))
        {
            return DropReason.IcvMismatch;
        }

        Span<byte> packet = _batch.Datagrams.Buffer.AsSpan(job.Offset, job.Length);
        DropReason reason = peer.Inbound.TryReadBody(packet, out Range body, out byte nextHeader);
        if (reason != DropReason.None)
        {
            return reason;
        }

        TransportMode? transport = peer.Inbound.Parameters.Transport;
        Span<byte> octets = transport is null
            ? packet[body]
            : (_rebuilt ??= new()).Write(transport, packet[body], nextHeader, arrival.Datagram.TrafficClass);
        if (!InnerPacket.TryRead(octets, out InnerPacket inner) || (transport is null && inner.NextHeader != nextHeader))
        {
            return DropReason.MalformedInner;
        }

        reason = peer.InboundPolicy.Check(inner);
        if (reason != DropReason.None)
        {
            return reason;
        }

        if (!Ecn.TryDecapsulate(arrival.Datagram.TrafficClass, inner.TrafficClass, out byte trafficClass))
        {
            return DropReason.EcnNotCapable;
        }

        if (TryConsumeAnswer(arrival, inner, now))
        {
            peer.InboundCounters.CountPacket(inner.Octets.Length);
            return DropReason.None;
        }

        reason = TryAccept(ref arrival, inner, now);
        if (reason != DropReason.None)
        {
            return reason;
        }

        if (trafficClass != inner.TrafficClass)
        {
            InnerPacket.WriteTrafficClass(octets, trafficClass);
        }

        if (transport is not null)
        {
            _rebuilt!.Keep(octets.Length, peer.InboundCounters);
            return DropReason.None;
        }

        _batch.Survivors[_batch.Datagrams.Count] = peer.InboundCounters;
        _batch.Datagrams.Keep(arrival.Datagram with { Offset = job.Offset + body.Start.Value, Length = inner.Octets.Length });
        return DropReason.None;
    }

    /// <summary>Judges the number and, where it is fresh, commits it and learns what the packet proves of its sender.</summary>
    private DropReason TryAccept(ref InboundBatch.Arrival arrival, in InnerPacket inner, TimeSpan now)
    {
        Peer peer = arrival.Peer;
        OuterEndpoint source = arrival.Datagram.Remote;
        if (!peer.Inbound.IsSynchronised && peer.Monitor.MarkMayServe)
        {
            peer.Inbound.SynchroniseAt(peer.InboundRecord?.DurableMark ?? 0);
            peer.Monitor.NoteSynchronisedByMark();
        }

        DropReason reason = peer.Inbound.CheckNumber(arrival.Number);
        if (reason == DropReason.Unsynchronised)
        {
            peer.Monitor.NoteUnsynchronised(source, arrival.Datagram.Length, now);
            AnswerWhileUnsynchronised(arrival, inner);
            return reason;
        }

        if (reason != DropReason.None)
        {
            peer.Monitor.NoteStale(source, arrival.Datagram.Length, now);
            return reason;
        }

        bool isNewest = peer.Inbound.CommitNumber(arrival.Number);
        arrival.IsCommitted = true;
        if (peer.Rotation is KeyRotation rotation)
        {
            isNewest &= rotation.NoteHeard(peer, now);
        }

        peer.Monitor.NoteFresh(source, arrival.Datagram.Length, isNewest, now);
        return DropReason.None;
    }

    /// <summary>
    /// Takes a fresh answer: the only proof of freshness that static keys allow, and so the only thing that starts or moves
    /// back a window.
    /// </summary>
    private static bool TryConsumeAnswer(in InboundBatch.Arrival arrival, in InnerPacket inner, TimeSpan now)
    {
        Peer peer = arrival.Peer;
        if (inner.Source != peer.ProbeTarget
            || inner.Destination != peer.ProbeSource
            || !ProbePacket.TryReadAnswer(inner, out UInt128 bits)
            || !peer.Monitor.TryTakeAnswer(bits, now, out Probe probe))
        {
            return false;
        }

        PeerEventKind? synchronisation = null;
        if (peer.Inbound.HasWindow)
        {
            if (!peer.Inbound.IsSynchronised)
            {
                synchronisation = PeerEventKind.Synchronised;
            }
            else if (arrival.Number <= peer.Inbound.Top && probe.PairNumber == peer.PairNumber && probe.WindowVersion == peer.Inbound.WindowVersion)
            {
                synchronisation = PeerEventKind.CounterRestarted;
            }
            else if (peer.Inbound.CheckNumber(arrival.Number) != DropReason.None)
            {
                // Overtaken by other packets: it proves nothing about the window as it is now, but the next answer may.
                peer.Monitor.AskForProbe();
                return true;
            }

            Synchronise(peer, arrival.Number, synchronisation, now);
        }

        peer.Rotation?.NoteHeard(peer, now);
        peer.Monitor.NoteAnswer(probe, arrival.Datagram.Remote, arrival.Datagram.Length, synchronisation, now);
        return true;
    }

    private static void Synchronise(Peer peer, ulong number, PeerEventKind? synchronisation, TimeSpan now)
    {
        if (synchronisation is null)
        {
            peer.Inbound.CommitNumber(number);
            peer.InboundRecord?.Publish(peer.Inbound.Top, now);
            return;
        }

        peer.Inbound.SynchroniseAt(number);
        peer.InboundRecord?.Reset(number, now);
    }

    /// <summary>
    /// Two ends that both wait for an answer before they deliver anything would wait for ever, so requests to our inner
    /// addresses are answered from here, one for one, to where they came from. A replayed request draws an answer that
    /// nobody awaits.
    /// </summary>
    private void AnswerWhileUnsynchronised(in InboundBatch.Arrival arrival, in InnerPacket inner)
    {
        if (!arrival.Peer.InboundPolicy.IsOwnAddress(inner.Destination) || !IcmpEcho.IsRequest(inner))
        {
            return;
        }

        byte[] reply = new byte[inner.Octets.Length];
        int length = IcmpEcho.WriteReply(reply, inner);
        queue.Enqueue(new ControlPacket(arrival.Peer, reply[..length], arrival.Datagram.Remote, arrival.Framing));
    }

    private void PublishTops(TimeSpan now)
    {
        bool mustWait = false;
        Peer? noted = null;
        for (int i = _batch.ArrivalCount - 1; i >= 0; i--)
        {
            Peer peer = _batch.Arrivals[i].Peer;
            if (_batch.Arrivals[i].IsCommitted && peer != noted)
            {
                mustWait |= peer.InboundRecord?.TryNote(peer.Inbound.Top, now) ?? false;
                noted = peer;
            }
        }

        // All have asked by now: many peers' marks take one flush or two, not one each.
        for (int i = mustWait ? _batch.ArrivalCount - 1 : -1; i >= 0; i--)
        {
            Peer peer = _batch.Arrivals[i].Peer;
            if (_batch.Arrivals[i].IsCommitted)
            {
                peer.InboundRecord?.AwaitMark(peer.Inbound.Top);
            }
        }
    }
}
