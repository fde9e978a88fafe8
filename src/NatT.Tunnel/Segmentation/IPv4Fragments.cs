using System.Buffers.Binary;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Segmentation;

/// <summary>
/// The fragments of an IPv4 packet without DF that is larger than the MTU (RFC 791 §3.2). Made by copying: who wants speed
/// sets DF. Valid as long as the packet.
/// </summary>
public readonly ref struct IPv4Fragments
{
    private const int FragmentUnit = 8;
    private const int FixedHeaderSize = 20;
    private const ushort DoNotFragment = 0x4000;
    private const ushort MoreFragments = 0x2000;
    private const ushort OffsetMask = 0x1FFF;
    private const byte OptionEnd = 0;
    private const byte OptionNone = 1;
    private const byte OptionIsCopied = 0x80;

    private readonly InnerPacket _packet;
    private readonly int _payloadSize;

    private IPv4Fragments(in InnerPacket packet, int payloadSize)
    {
        _packet = packet;
        _payloadSize = payloadSize;
        Count = (packet.Payload.Length + payloadSize - 1) / payloadSize;
    }

    public int Count { get; }

    private ushort FragmentField => BinaryPrimitives.ReadUInt16BigEndian(_packet.Octets[6..]);

    /// <summary>False where a router must not fragment (IPv6, DF, a damaged header), or cannot.</summary>
    /// <param name="packet">A packet longer than the MTU.</param>
    /// <param name="mtu">Octets of the largest fragment.</param>
    /// <param name="fragments">What to write, one after the other.</param>
    public static bool TryCut(in InnerPacket packet, int mtu, out IPv4Fragments fragments)
    {
        fragments = default;
        if (packet.IsIPv6 || !packet.HasValidHeaderChecksum)
        {
            return false;
        }

        int room = mtu - packet.HeaderLength;
        var cut = new IPv4Fragments(packet, Math.Max(FragmentUnit, room - (room % FragmentUnit)));
        ushort field = cut.FragmentField;
        int end = ((field & OffsetMask) * FragmentUnit) + packet.Payload.Length;
        bool isAligned = (field & MoreFragments) == 0 || packet.Payload.Length % FragmentUnit == 0;
        if ((field & DoNotFragment) != 0 || room < FragmentUnit || packet.Payload.IsEmpty || end > ushort.MaxValue || !isAligned)
        {
            return false;
        }

        fragments = cut;
        return true;
    }

    /// <summary>Writes fragment <paramref name="index"/> and returns its octets, at most the MTU.</summary>
    public int Write(int index, Span<byte> destination)
    {
        int start = index * _payloadSize;
        ReadOnlySpan<byte> payload = _packet.Payload.Slice(start, Math.Min(_payloadSize, _packet.Payload.Length - start));
        int length = _packet.HeaderLength + payload.Length;
        Span<byte> header = destination[.._packet.HeaderLength];
        _packet.Octets[.._packet.HeaderLength].CopyTo(header);
        payload.CopyTo(destination[_packet.HeaderLength..]);

        // A fragment that is cut once more keeps its place, and its last piece is the last only if it was.
        int field = FragmentField + (start / FragmentUnit);
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)length);
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], (ushort)(index < Count - 1 ? field | MoreFragments : field));
        if (index > 0)
        {
            BlankOptions(header[FixedHeaderSize..]);
        }

        InnerPacket.WriteIPv4Checksum(header);
        return length;
    }

    /// <summary>Only options marked so go into later fragments; the others become "no operation", as in Linux.</summary>
    private static void BlankOptions(Span<byte> options)
    {
        while (!options.IsEmpty && options[0] != OptionEnd)
        {
            int length = options[0] == OptionNone || options.Length < 2 ? 1 : options[1];
            if (length == 0 || length > options.Length)
            {
                return;
            }

            if ((options[0] & OptionIsCopied) == 0)
            {
                options[..length].Fill(OptionNone);
            }

            options = options[length..];
        }
    }
}
