using NatT.Esp.Wire;

namespace NatT.Tunnel.Segmentation;

/// <summary>
/// Merges the packets of a receive batch, in order of arrival, into as few writes to a TUN device with offloads as it can.
/// Nothing is copied: a write is a list of pieces of the receive buffer. One thread owns it.
/// </summary>
/// <remarks>
/// It merges TCP segments that go on in one another with equal headers, and UDP datagrams of equal size; the last one may
/// be shorter. Segmenting the result gives the same packets back, but for an IPv4 identification that meant nothing.
/// Packets with CWR, which segmentation would keep on the first segment only, go through as they came, like all others
/// that <see cref="CoalescableSegment"/> lists. Packets of one flow never overtake each other.
/// <code>
/// receive buffer  … | virtio header | packet 1                | … | headers | payload 2    | …
/// one write         |-------------- piece 1 ------------------|             |-- piece 2 ---|
/// </code>
/// </remarks>
public sealed class Coalescer
{
    /// <summary>Flows that can be merged at once.</summary>
    public const int FlowSlots = 8;

    /// <summary>Pieces of the largest packet.</summary>
    public const int MostPieces = OpenFlow.MaximumSegments;

    private readonly byte[] _buffer;
    private readonly bool _mergesUdp;
    private readonly OpenFlow[] _flows = new OpenFlow[FlowSlots];
    private readonly CoalescedPacket[] _packets;
    private readonly Piece[] _pieces;
    private int _packetCount;
    private int _pieceCount;
    private int _latest;
    private int _nextVictim;

    /// <param name="buffer">
    /// Where all packets lie, and before each of them <see cref="VirtioHeader.Size"/> octets that nobody else needs.
    /// </param>
    /// <param name="capacity">Packets of the largest batch.</param>
    /// <param name="mergesUdp">Whether the device takes <see cref="VirtioHeader.Udp"/>, as Linux does from 6.2 on.</param>
    public Coalescer(byte[] buffer, int capacity, bool mergesUdp)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _buffer = buffer;
        _mergesUdp = mergesUdp;
        _packets = new CoalescedPacket[capacity];
        _pieces = new Piece[capacity];
        for (int i = 0; i < _flows.Length; i++)
        {
            _flows[i] = new OpenFlow();
        }
    }

    /// <summary>What to write, in this order. Complete after <see cref="Flush"/>.</summary>
    public ReadOnlySpan<CoalescedPacket> Packets => _packets.AsSpan(0, _packetCount);

    /// <summary>The pieces of <paramref name="packet"/>, for one gathering write.</summary>
    public ReadOnlySpan<Piece> Pieces(in CoalescedPacket packet) => _pieces.AsSpan(packet.FirstPiece, packet.PieceCount);

    /// <summary>Takes the next packet of the batch; it must stay where it is until it was written.</summary>
    /// <param name="packet">A whole IP packet in the buffer, nothing behind it.</param>
    public void Add(Piece packet)
    {
        Span<byte> octets = _buffer.AsSpan(packet.Offset, packet.Length);
        if (!InnerPacket.TryRead(octets, out InnerPacket inner) || inner.Octets.Length != packet.Length)
        {
            Emit([packet], default, packet.Length);
            return;
        }

        var key = new FlowKey(inner);
        if (!CoalescableSegment.TryRead(inner, _mergesUdp, out CoalescableSegment segment))
        {
            CloseAll(key);
            Emit([packet], default, packet.Length);
            return;
        }

        OpenFlow? flow = Find(key);
        if (flow is null)
        {
            flow = TakeSlot();
            flow.Open(segment, packet);
        }
        else if (!flow.TryAppend(segment, packet, Octets(flow.First)))
        {
            Close(flow);
            flow.Open(segment, packet);
        }

        if (flow.IsComplete)
        {
            Close(flow);
        }
    }

    /// <summary>Ends all flows: the batch is over, and nothing waits for the next.</summary>
    public void Flush()
    {
        foreach (OpenFlow flow in _flows)
        {
            if (flow.IsOpen)
            {
                Close(flow);
            }
        }
    }

    /// <summary>
    /// Undoes the merging of <paramref name="packet"/>, which the device refused: each of its pieces becomes a packet as it came,
    /// with an empty virtio header before it, for a write of its own.
    /// </summary>
    public void Split(in CoalescedPacket packet)
    {
        Span<Piece> pieces = _pieces.AsSpan(packet.FirstPiece, packet.PieceCount);
        VirtioHeader header = VirtioHeader.Read(Octets(pieces[0]));
        OpenFlow.Reopen(Octets(pieces[0])[VirtioHeader.Size..], header);
        for (int i = 0; i < pieces.Length; i++)
        {
            if (i > 0)
            {
                // Only the payload was in the write, but its headers still lie before it.
                int before = header.HeaderLength + VirtioHeader.Size;
                pieces[i] = new Piece(pieces[i].Offset - before, pieces[i].Length + before);
            }

            default(VirtioHeader).WriteTo(Octets(pieces[i]));
        }
    }

    /// <summary>Forgets what was written.</summary>
    public void Clear()
    {
        _packetCount = 0;
        _pieceCount = 0;
    }

    private OpenFlow? Find(in FlowKey key)
    {
        if (IsOf(_flows[_latest], key))
        {
            return _flows[_latest];
        }

        for (int i = 0; i < _flows.Length; i++)
        {
            if (IsOf(_flows[i], key))
            {
                _latest = i;
                return _flows[i];
            }
        }

        return null;
    }

    private bool IsOf(OpenFlow flow, in FlowKey key) => flow.IsOpen && key.Touches(Octets(flow.First), flow.Protocol);

    private OpenFlow TakeSlot()
    {
        for (int i = 0; i < _flows.Length; i++)
        {
            if (!_flows[i].IsOpen)
            {
                _latest = i;
                return _flows[i];
            }
        }

        _latest = _nextVictim;
        _nextVictim = (_nextVictim + 1) % _flows.Length;
        Close(_flows[_latest]);
        return _flows[_latest];
    }

    private void CloseAll(in FlowKey key)
    {
        foreach (OpenFlow flow in _flows)
        {
            if (IsOf(flow, key))
            {
                Close(flow);
            }
        }
    }

    private void Close(OpenFlow flow)
    {
        ReadOnlySpan<Piece> pieces = flow.Pieces;
        VirtioHeader header = flow.Close(Octets(flow.First));
        Emit(pieces, header, flow.Length);
    }

    /// <summary>The virtio header goes where the first packet's ESP header and IV were.</summary>
    private void Emit(ReadOnlySpan<Piece> pieces, VirtioHeader header, int length)
    {
        Piece first = pieces[0];
        first = new Piece(first.Offset - VirtioHeader.Size, first.Length + VirtioHeader.Size);
        header.WriteTo(_buffer.AsSpan(first.Offset, VirtioHeader.Size));
        pieces.CopyTo(_pieces.AsSpan(_pieceCount));
        _pieces[_pieceCount] = first;
        _packets[_packetCount++] = new CoalescedPacket(_pieceCount, pieces.Length, length + VirtioHeader.Size);
        _pieceCount += pieces.Length;
    }

    private Span<byte> Octets(Piece piece) => _buffer.AsSpan(piece.Offset, piece.Length);
}
