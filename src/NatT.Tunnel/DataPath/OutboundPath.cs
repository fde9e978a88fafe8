using NatT.Crypto;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Wire;
using NatT.Tunnel.Control;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Segmentation;

namespace NatT.Tunnel.DataPath;

/// <summary>
/// A packet's way out: TUN device → peer by selector → sequence number, IV, trailer → sealed with its batch → UDP socket.
/// One thread runs it and owns every outbound SA: it alone gives numbers and sends, so that an SA's packets leave in the order of
/// their numbers, whoever seals them.
/// </summary>
public sealed class OutboundPath(
    ITunDevice device, IDatagramSocket socket, PeerTable peers, ControlPackets queue, TimeProvider time, CipherHelpers? helpers = null)
{
    /// <summary>How long a packet may wait for its number to become durable, before it is dropped.</summary>
    private static readonly TimeSpan ReservationPatience = TimeSpan.FromSeconds(1);

    private readonly BatchLine<OutboundBatch> _line = new(helpers, () => new OutboundBatch());
    private readonly PacketTooBigReplies _replies = new(device);

    // What is longer than the path carries: a copy of the packet, and its fragments.
    private readonly byte[] _long = new byte[PacketBatch.LargestPacket];
    private readonly PacketBatch _fragments = new();

    // What is being prepared.
    private OutboundBatch _batch = null!;

    // The device left the control side no room.
    private bool _isControlDue;

    // A disk that hangs costs a round one wait, not one a packet.
    private bool _isOutOfPatience;

    /// <summary>Drops that belong to no peer.</summary>
    public PathCounters Counters { get; } = new();

    /// <summary>Whose packets they are.</summary>
    public PublishedPeers Peers { get; } = new(peers);

    /// <summary>Waits for packets, then moves all there are. Where more of them wait, what helpers seal leaves in a later round.</summary>
    public void RunOnce()
    {
        if (Peers.IsOutdated)
        {
            Finish();
            Peers.TakeUp();
        }

        _batch = _line.Next;
        bool isControlsRound = _isControlDue && !queue.IsEmpty;
        if (!isControlsRound)
        {
            device.Read(_batch.Packets, waits: _line.IsEmpty);
        }

        Prepare(time.GetElapsedTime(0));
        if (_batch.Packets.Count == 0 && _batch.Datagrams.Count == 0)
        {
            Finish();
            return;
        }

        _line.Add();
        // A device that filled a batch has more, most likely.
        bool mayHaveMore = _isControlDue && _line.HasHelpers;
        while (!_line.IsEmpty && (!mayHaveMore || _line.IsFull || _line.IsOldestDone))
        {
            SendOldest();
        }
    }

    /// <summary>Sends what is under way: the last thing to do.</summary>
    public void Finish()
    {
        while (!_line.IsEmpty)
        {
            SendOldest();
        }
    }

    private void Prepare(TimeSpan now)
    {
        _isOutOfPatience = false;
        FindPeers();
        for (int i = 0; i < _batch.Packets.Count; i++)
        {
            PrepareFromDevice(i, now);
        }

        // A device that always has more must not keep probes and answers from going out: where it filled a batch, they have the next.
        _isControlDue = _batch.Packets.IsFull || _batch.Datagrams.IsFull;

        // The device's packets are in the same source buffer, so what the control side sends comes behind them in it.
        while (!_batch.Packets.IsFull && !_batch.Datagrams.IsFull && queue.TryDequeue(out ControlPacket control))
        {
            PrepareControl(control, now);
        }

        if (_batch.Packets.IsFull || _batch.Datagrams.IsFull)
        {
            // Something may be left in the queue whose wake-up was spent on this round.
            device.Wake();
        }
    }

    /// <summary>Finds all packets' peers before the first is prepared: of many peers none is in a cache, and so their misses overlap.</summary>
    private void FindPeers()
    {
        IpAddress source = default;
        IpAddress destination = default;
        Peer? peer = null;
        for (int i = 0; i < _batch.Packets.Count; i++)
        {
            if (!InnerPacket.TryRead(_batch.Packets.Packet(i), out InnerPacket inner))
            {
                _batch.Peers[i] = null;
                continue;
            }

            if (peer is null || inner.Destination != destination || inner.Source != source)
            {
                (source, destination) = (inner.Source, inner.Destination);
                peer = Peers.Table.FindBySelector(source, destination);
            }

            _batch.Peers[i] = peer;
        }

        Peer? last = _batch.Packets.Count > 0 ? _batch.Peers[0] : null;
        for (int i = 1; i < _batch.Packets.Count; i++)
        {
            Peer? next = _batch.Peers[i];
            if (next != last)
            {
                next?.FetchOutbound();
                last = next;
            }
        }
    }

    private void SendOldest()
    {
        OutboundBatch oldest = _line.Finish();
        Send(oldest);
        oldest.Packets.Clear();
    }

    /// <summary>Seals what was prepared, which lies in <paramref name="source"/>, and sends it behind what was prepared before.</summary>
    private void Flush(PacketBatch source)
    {
        Finish();
        _batch.Seal(source);
        Send(_batch);
    }

    /// <summary>Sends what is sealed, and makes room for other datagrams.</summary>
    private void Send(OutboundBatch batch)
    {
        if (batch.Datagrams.Count > 0)
        {
            socket.Send(batch.Datagrams);
            CountSent(batch);
        }

        batch.ClearDatagrams();
    }

    private static void CountSent(OutboundBatch batch)
    {
        for (int i = 0; i < batch.Datagrams.Count; i++)
        {
            (Peer peer, int innerLength) = batch.Departures[i];
            if (batch.Datagrams[i].IsRefused)
            {
                peer.OutboundCounters.CountDrop(DropReason.SendRefused);
                peer.Monitor.NoteSendRefused();
            }
            else if (innerLength > 0)
            {
                peer.OutboundCounters.CountPacket(innerLength);
            }
        }
    }

    private void PrepareFromDevice(int index, TimeSpan now)
    {
        ref readonly PacketSlot slot = ref _batch.Packets[index];
        if (!SuperPacket.TryRead(_batch.Packets.Packet(index), slot.Offload, out SuperPacket packet))
        {
            Counters.CountDrop(DropReason.NotIp);
            return;
        }

        Peer? peer = _batch.Peers[index];
        if (peer is null)
        {
            Counters.CountDrop(DropReason.NoPeer, packet.Count);
            return;
        }

        PeerRoute route = peer.Monitor.Route;
        if (route.Endpoint is not OuterEndpoint endpoint)
        {
            peer.OutboundCounters.CountDrop(DropReason.NoEndpoint, packet.Count);
            return;
        }

        if (peer.Outbound.Parameters.Transport is TransportMode transport)
        {
            DropReason reason = transport.CheckOutbound(packet.Inner);
            if (reason != DropReason.None)
            {
                peer.OutboundCounters.CountDrop(reason, packet.Count);
                return;
            }
        }

        int limit = packet.Inner.IsIPv6 ? Math.Max(route.LargestInner, InnerMtu.SmallestForIPv6) : route.LargestInner;
        if (packet.LongestLength > Math.Min(limit, PathMtu.Usual) && !ProbePacket.IsAnswerToSizeProbe(packet.Inner))
        {
            peer.Monitor.NoteLong();
            if (packet.LongestLength > limit)
            {
                PrepareTooLong(peer, packet, limit, endpoint, route.Framing, now);
                return;
            }
        }

        for (int segment = 0; segment < packet.Count; segment++)
        {
            Count(peer, TryPrepare(peer, packet, segment, slot.Offset, endpoint, route.Framing, now));
        }
    }

    /// <summary>Does what a router does in front of a link whose MTU is <paramref name="limit"/>: fragments, or tells the sender.</summary>
    /// <remarks>Transport mode does not carry fragments.</remarks>
    private void PrepareTooLong(Peer peer, in SuperPacket packet, int limit, OuterEndpoint endpoint, UdpFraming framing, TimeSpan now)
    {
        for (int segment = 0; segment < packet.Count; segment++)
        {
            Span<byte> octets = _long.AsSpan(0, packet.CopySegment(segment, _long));
            if (!InnerPacket.TryRead(octets, out InnerPacket inner))
            {
                Count(peer, DropReason.NotIp);
            }
            else if (peer.Outbound.Parameters.Transport is null && IPv4Fragments.TryCut(inner, limit, out IPv4Fragments fragments))
            {
                SendFragments(peer, fragments, endpoint, framing, now);
            }
            else
            {
                Count(peer, DropReason.AboveMtu);
                if (segment == 0)
                {
                    _replies.Answer(inner, limit, now);
                }
            }
        }
    }

    private void SendFragments(Peer peer, in IPv4Fragments fragments, OuterEndpoint endpoint, UdpFraming framing, TimeSpan now)
    {
        // They are sealed from another buffer than what was prepared before them, and all of one packet fit an empty batch.
        Flush(_batch.Packets);
        for (int i = 0; i < fragments.Count; i++)
        {
            _fragments.Add(fragments.Write(i, _fragments.Free));
            SuperPacket.TryRead(_fragments.Packet(i), default, out SuperPacket fragment);
            Count(peer, TryPrepare(peer, fragment, segment: 0, _fragments[i].Offset, endpoint, framing, now));
        }

        Flush(_fragments);
        _fragments.Clear();
    }

    private static void Count(Peer peer, DropReason reason)
    {
        if (reason != DropReason.None)
        {
            peer.OutboundCounters.CountDrop(reason);
        }
    }

    private void PrepareControl(ControlPacket control, TimeSpan now)
    {
        if (control.Peer.Outbound.IsEnding)
        {
            return;
        }

        if (control.InnerPacket is null)
        {
            _batch.Datagrams.Free[0] = UdpEncapsulation.Keepalive;
            _batch.Departures[_batch.Datagrams.Count] = new OutboundBatch.Departure(control.Peer, InnerLength: 0);
            _batch.Datagrams.Add(1).Remote = control.Endpoint;
            control.Peer.Monitor.NoteSent(now);
            return;
        }

        control.InnerPacket.CopyTo(_batch.Packets.Free);
        ref readonly PacketSlot slot = ref _batch.Packets.Add(control.InnerPacket.Length);
        SuperPacket.TryRead(_batch.Packets.Packet(_batch.Packets.Count - 1), slot.Offload, out SuperPacket packet);
        Count(control.Peer, TryPrepare(control.Peer, packet, segment: 0, slot.Offset, control.Endpoint, control.Framing, now));
    }

    /// <summary>Lays the datagram of one segment out and adds the job that will seal it.</summary>
    private DropReason TryPrepare(
        Peer peer, in SuperPacket packet, int segment, int packetOffset, OuterEndpoint endpoint, UdpFraming framing, TimeSpan now)
    {
        SecurityAssociationParameters parameters = peer.Outbound.Parameters;
        int markerSize = UdpEncapsulation.MarkerSize(framing);
        int innerLength = packet.Length(segment);
        int omitted = parameters.OmittedHeaderSize;
        int bodyLength = innerLength - omitted;
        int length = markerSize + parameters.SealedLength(bodyLength);
        if (length > UdpEncapsulation.LongestDatagram)
        {
            return DropReason.TooLong;
        }

        if (!_batch.Datagrams.HasRoomFor(length))
        {
            // Segments of one packet, each with its own headers, are more than what the device gave us.
            Flush(_batch.Packets);
        }

        Span<byte> datagram = _batch.Datagrams.Free[..length];
        byte nextHeader = omitted == 0 ? packet.Inner.NextHeader : packet.Inner.Protocol;
        DropReason reason = TryNumber(peer, datagram[markerSize..], bodyLength, nextHeader, now, out SealJob job);
        if (reason != DropReason.None)
        {
            return reason;
        }

        UdpEncapsulation.WriteMarker(datagram, framing);
        Piece body = packet.Place(segment, datagram.Slice(markerSize + parameters.BodyStart, bodyLength), omitted);
        _batch.Departures[_batch.Datagrams.Count] = new OutboundBatch.Departure(peer, innerLength);
        ref PacketSlot slot = ref _batch.Datagrams.Add(length);
        slot.Remote = endpoint;
        slot.TrafficClass = Ecn.Encapsulate(packet.Inner.TrafficClass);
        _batch.Lanes.Of(job.Key.Suite).Add(job with
        {
            BodyOffset = packetOffset + body.Offset,
            BodyLength = body.Length,
            Offset = slot.Offset + markerSize,
        });
        peer.Monitor.NoteSent(now);
        return DropReason.None;
    }

    /// <summary>Takes a durably reserved number, waiting for the reservation only where traffic outran it.</summary>
    private DropReason TryNumber(Peer peer, Span<byte> esp, int bodyLength, byte nextHeader, TimeSpan now, out SealJob job)
    {
        peer.Outbound.Sequence.LastReserved = peer.OutboundRecord.Limit - 1;
        DropReason reason = peer.Outbound.TryPrepare(esp, bodyLength, nextHeader, out job);
        if (reason == DropReason.SequenceNotReserved && !_isOutOfPatience)
        {
            _isOutOfPatience = !peer.OutboundRecord.WaitFor(peer.Outbound.Sequence.Next, ReservationPatience);
            peer.Outbound.Sequence.LastReserved = peer.OutboundRecord.Limit - 1;
            reason = peer.Outbound.TryPrepare(esp, bodyLength, nextHeader, out job);
        }

        peer.OutboundRecord.Use(peer.Outbound.Sequence.Next, now);
        return reason;
    }
}
