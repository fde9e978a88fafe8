using System.Buffers.Binary;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Fuzz.Engine;
using NatT.Tunnel.Segmentation;

namespace NatT.Fuzz.Targets;

/// <summary>What looks at a decrypted packet, or at one from the device: headers, upper layers, echoes, marks, policy, fragments.</summary>
/// <remarks>
/// An input is an octet of repairs (1: lengths and header checksum, 2: ICMP checksum), the outer traffic class, an MTU, and a packet.
/// </remarks>
public sealed class InnerPackets : IFuzzTarget
{
    private const int RepairsHeader = 1;
    private const int RepairsIcmp = 2;

    private static readonly IpAddress Own = IpAddress.Parse("10.2.0.1");
    private static readonly IpAddress Own6 = IpAddress.Parse("fd00:2::1");

    private static readonly InboundPolicy Policy = new(
        new TrafficSelector(
            [IpPrefix.Parse("10.2.0.0/16"), IpPrefix.Parse("fd00:2::/64"), IpPrefix.Parse("224.0.0.0/4")],
            [IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("fd00:1::/64")]),
        [Own, Own6]);

    public string Name => "inner-packets";

    public int LongestInput => 2048;

    public IEnumerable<byte[]> Seeds
    {
        get
        {
            foreach (bool isIPv6 in new[] { false, true })
            {
                (IpAddress from, IpAddress to) = isIPv6
                    ? (IpAddress.Parse("fd00:1::1"), Own6)
                    : (IpAddress.Parse("10.1.0.1"), Own);
                byte[] request = new byte[IcmpEcho.PacketSize(isIPv6, 64)];
                IcmpEcho.WriteRequest(request, from, to, 1, new byte[64]);
                byte[] reply = new byte[request.Length];
                InnerPacket.TryRead(request, out InnerPacket packet);
                IcmpEcho.WriteReply(reply, packet);
                yield return [0, 3, 2, 0x40, .. request];
                yield return [0, 2, 5, 0, .. reply];
                yield return [3, 1, 0, 100, .. request];
            }

            // Options, extension headers, fragments.
            yield return [1, 0, 0, 60, 0x47, 0, 0, 60, 1, 2, 0x20, 1, 64, 6, 0, 0, 10, 1, 0, 1, 10, 2, 0, 1,
                0x94, 4, 0, 0, 7, 3, 4, 1, .. new byte[28]];
            yield return [1, 0, 5, 0, 0x60, 0, 0, 0, 0, 40, 0, 64, .. Address(from: true), .. Address(from: false), 43, 0, 1, 4, 0, 0, 0, 0,
                44, 1, .. new byte[14], 60, 0, 0, 1, 0, 0, 0, 9, 17, 0, 1, 4, 0, 0, 0, 0];
        }
    }

    public IReadOnlyList<byte[]> Words { get; } =
    [
        [0x45, 0, 0, 20], [0x4F, 0, 0, 60], [0x60, 0, 0, 0], [10, 1, 0, 1], [10, 2, 0, 1], [127, 0, 0, 1], [224, 0, 0, 1], [0, 0, 0, 0],
        [44, 0, 0, 1], [43, 255], [60, 0, 1, 4, 0, 0, 0, 0], [0x20, 0], [0x1F, 0xFF], [0x40, 0], Address(from: true), Address(from: false),
    ];

    public long MostAllocated(int inputLength) => 1 << 20;

    public void Run(ReadOnlySpan<byte> input, Features features)
    {
        ArgumentNullException.ThrowIfNull(features);
        var choices = new Choices(input);
        int repairs = choices.Octet();
        byte outer = choices.Octet();
        int mtu = choices.Word();
        byte[] octets = choices.Rest.ToArray();
        if ((repairs & RepairsHeader) != 0)
        {
            PlainPacket.Repair(octets);
        }

        if ((repairs & RepairsIcmp) != 0 && PlainPacket.Length(octets) == octets.Length)
        {
            RepairIcmp(octets);
        }

        ReadTrailer(octets, features);
        bool isPacket = InnerPacket.TryRead(octets, out InnerPacket packet);
        Require.AreEqual(PlainPacket.Length(octets), isPacket ? packet.Octets.Length : null);
        if (!isPacket)
        {
            features.Add("no packet", octets.Length == 0 ? -1 : octets[0] >> 4);
            return;
        }

        ReadHeader(packet, features);
        ReadUpperLayer(packet, features);
        RebuildInTransportMode(packet, outer, features);
        AnswerEcho(packet, features);
        Mark(packet, outer, features);
        CutFragments(packet, mtu, features);
        TellSender(packet, mtu, features);
    }

    private static byte[] Address(bool from) => [0xFD, 0, 0, (byte)(from ? 1 : 2), .. new byte[11], 1];

    private static void RepairIcmp(Span<byte> packet)
    {
        int start = PlainPacket.HeaderLength(packet);
        if (packet.Length < start + 4)
        {
            return;
        }

        packet[start + 2] = packet[start + 3] = 0;
        byte[] pseudoHeader = packet[0] >> 4 == 6 ? PlainPacket.PseudoHeader(packet, start, InnerPacket.ProtocolIcmpV6) : [];
        BinaryPrimitives.WriteUInt16BigEndian(packet[(start + 2)..], PlainChecksum.Of([.. pseudoHeader, .. packet[start..]]));
    }

    private static void ReadTrailer(ReadOnlySpan<byte> octets, Features features)
    {
        if (octets.Length < EspTrailer.Size)
        {
            return;
        }

        bool isGood = EspTrailer.TryRead(octets, out int length, out byte nextHeader);
        Require.Holds(nextHeader == octets[^1]);
        Require.AreEqual(PlainBody(octets), isGood ? length : null);
        features.Add("trailer", isGood ? 1 : 0);
    }

    private static int? PlainBody(ReadOnlySpan<byte> plaintext)
    {
        int body = plaintext.Length - 2 - plaintext[^2];
        for (int i = 0; body >= 0 && i < plaintext[^2]; i++)
        {
            if (plaintext[body + i] != i + 1)
            {
                return null;
            }
        }

        return body < 0 ? null : body;
    }

    private static void ReadHeader(in InnerPacket packet, Features features)
    {
        Require.AreEqual(PlainPacket.HeaderLength(packet.Octets), packet.HeaderLength);
        Require.AreEqual(PlainPacket.HasGoodHeaderChecksum(packet.Octets), packet.HasValidHeaderChecksum);
        Require.AreEqual(packet.Octets.Length, packet.HeaderLength + packet.Payload.Length);
        DropReason verdict = Policy.Check(packet);
        if (verdict == DropReason.None)
        {
            Require.Holds(packet.HasValidHeaderChecksum && packet.Source != Own && packet.Source != Own6);
            Require.Holds(packet.Octets[packet.IsIPv6 ? 11 : 13] == 1, "the source is the peer's");
        }

        features.Add("policy", (long)verdict, packet.IsIPv6 ? 6 : packet.HeaderLength);
    }

    private static void ReadUpperLayer(in InnerPacket packet, Features features)
    {
        if (!UpperLayer.TryFind(packet, out UpperLayer upper))
        {
            features.Add("lying extension");
            return;
        }

        Require.Holds(upper.Offset >= packet.HeaderLength && upper.Offset <= packet.Octets.Length);
        Require.Holds(upper.IsFragment || !upper.IsLaterFragment);
        Require.Holds(packet.IsIPv6 || upper.IsFragment == packet.IsIPv4Fragment);
        byte protocol = upper.Protocol is 1 or 6 or 17 or 58 ? upper.Protocol : (byte)0;
        features.Add("upper", protocol, (upper.IsFragment ? 1 : 0) + (upper.IsLaterFragment ? 2 : 0));
        features.Add("headers", (upper.Offset - packet.HeaderLength) / 8);
    }

    private static void RebuildInTransportMode(in InnerPacket packet, byte outer, Features features)
    {
        var mode = new TransportMode(packet.Source, packet.Destination);
        DropReason verdict = mode.CheckOutbound(packet);
        features.Add("transport", (long)verdict, packet.IsIPv6 ? 1 : 0);
        if (verdict != DropReason.None)
        {
            return;
        }

        byte[] destination = new byte[packet.Octets.Length + 1];
        int length = mode.Rebuild(destination, packet.Payload, packet.Protocol, outer);
        Require.AreEqual(packet.Octets.Length, length);
        Require.Holds(InnerPacket.TryRead(destination, out InnerPacket rebuilt) && rebuilt.Octets.Length == length && rebuilt.HasValidHeaderChecksum);
        Require.Holds(rebuilt.Source == packet.Source && rebuilt.Destination == packet.Destination && rebuilt.Protocol == packet.Protocol);
        Require.Holds(rebuilt.TrafficClass == outer);

        // Between the same addresses, what had the right checksum has it still; another was written over.
        bool isWhole = packet.Protocol == UpperLayer.ProtocolTcp && packet.Payload.Length >= 20;
        Require.Holds(!isWhole || PlainPacket.HasGoodTransportChecksum(rebuilt.Octets, rebuilt.HeaderLength, rebuilt.Protocol));
    }

    private static void AnswerEcho(in InnerPacket packet, Features features)
    {
        bool isReply = IcmpEcho.TryReadReply(packet, out ReadOnlySpan<byte> payload);
        Require.Holds(isReply || payload.IsEmpty);
        bool isRequest = IcmpEcho.IsRequest(packet);
        Require.Holds(!isReply || !isRequest);
        features.Add("echo", isReply ? 2 : isRequest ? 1 : 0, packet.IsIPv6 ? 1 : 0);
        if (!isRequest)
        {
            return;
        }

        byte[] answer = new byte[packet.Octets.Length];
        int length = IcmpEcho.WriteReply(answer, packet);
        Require.Holds(InnerPacket.TryRead(answer.AsSpan(0, length), out InnerPacket reply));
        Require.Holds(reply.Source == packet.Destination && reply.Destination == packet.Source && reply.HasValidHeaderChecksum);
        Require.Holds(IcmpEcho.TryReadReply(reply, out ReadOnlySpan<byte> echoed));
        Require.AreEqual(packet.Payload[8..], echoed);
    }

    private static void Mark(in InnerPacket packet, byte outer, Features features)
    {
        byte inner = packet.TrafficClass;
        bool passes = Ecn.TryDecapsulate(outer, inner, out byte result);
        features.Add("mark", (passes ? 16 : 0) + ((outer & 3) * 4) + (inner & 3));
        Require.Holds((result & ~Ecn.Mask) == (inner & ~Ecn.Mask));
        if (!passes)
        {
            Require.Holds((inner & Ecn.Mask) == Ecn.NotCapable && (outer & Ecn.Mask) == Ecn.CongestionExperienced);
            return;
        }

        byte[] marked = packet.Octets.ToArray();
        InnerPacket.WriteTrafficClass(marked, result);
        Require.Holds(InnerPacket.TryRead(marked, out InnerPacket after) && after.TrafficClass == result && after.HasValidHeaderChecksum);
        Require.AreEqual(packet.Octets[packet.HeaderLength..], after.Payload);
        Require.Holds(after.Source == packet.Source && after.Destination == packet.Destination && after.Protocol == packet.Protocol);
    }

    private static void CutFragments(in InnerPacket packet, int mtu, Features features)
    {
        bool isCut = packet.Octets.Length > mtu && IPv4Fragments.TryCut(packet, mtu, out _);
        features.Add("cut", isCut ? 1 : 0);
        if (!isCut)
        {
            return;
        }

        IPv4Fragments.TryCut(packet, mtu, out IPv4Fragments fragments);
        int field = BinaryPrimitives.ReadUInt16BigEndian(packet.Octets[6..]);
        byte[] payload = new byte[packet.Payload.Length];
        byte[] buffer = new byte[mtu];
        int at = 0;
        for (int i = 0; i < fragments.Count; i++)
        {
            int length = fragments.Write(i, buffer);
            Require.Holds(InnerPacket.TryRead(buffer.AsSpan(0, length), out InnerPacket fragment) && fragment.Octets.Length == length);
            Require.Holds(fragment.HasValidHeaderChecksum && fragment.HeaderLength == packet.HeaderLength);
            int own = BinaryPrimitives.ReadUInt16BigEndian(fragment.Octets[6..]);
            Require.AreEqual((field & 0x1FFF) + (at / 8), own & 0x1FFF);
            Require.AreEqual(i < fragments.Count - 1 || (field & 0x2000) != 0, (own & 0x2000) != 0);
            fragment.Payload.CopyTo(payload.AsSpan(at));
            at += fragment.Payload.Length;
        }

        Require.AreEqual(packet.Payload.Length, at);
        Require.AreEqual(packet.Payload, payload);
        features.Add("fragments", Features.ClassOf(fragments.Count), packet.HeaderLength);
    }

    private static void TellSender(in InnerPacket packet, int mtu, Features features)
    {
        byte[] buffer = new byte[PacketTooBig.LargestSize];
        bool isTold = PacketTooBig.TryWrite(buffer, packet, packet.IsIPv6 ? Own6 : Own, mtu, out int length);
        features.Add("told", isTold ? 1 : 0, packet.IsIPv6 ? 1 : 0);
        if (!isTold)
        {
            return;
        }

        Require.Holds(InnerPacket.TryRead(buffer.AsSpan(0, length), out InnerPacket message) && message.Octets.Length == length);
        Require.Holds(message.Destination == packet.Source && message.HasValidHeaderChecksum && IcmpPacket.HasValidChecksum(message));
        Require.Holds(packet.Octets.StartsWith(message.Payload[8..]));

        // An error is never answered, or two hosts could go on for ever.
        Require.Holds(!PacketTooBig.TryWrite(buffer.AsSpan().ToArray(), message, packet.IsIPv6 ? Own6 : Own, mtu, out _));
    }
}
