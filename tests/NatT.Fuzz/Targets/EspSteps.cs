using NatT.Crypto;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Fuzz.Engine;

namespace NatT.Fuzz.Targets;

/// <summary>A sender, an attacker who holds everything that was sent, and a receiver.</summary>
/// <remarks>A step is an octet, and what it needs: an index of a sealed packet, a place, a length, octets.</remarks>
internal sealed class EspSteps(SecurityAssociationParameters parameters, IEspReceiver receiver, EspModel model, Features features)
{
    public const uint Spi = 0xC0666A70;

    private const int SealAllowed = 0;
    private const int SealPlaintext = 1;
    private const int SendAsIs = 2;
    private const int SendDamaged = 3;
    private const int SendCut = 4;
    private const int SendSpliced = 5;
    private const int SendMadeUp = 6;
    private const int SendRenumbered = 7;
    private const int SealForbidden = 8;
    private const int Flush = 9;
    private const int Kinds = 10;

    private const int MostSteps = 64;

    public static readonly InboundPolicy Policy = new(
        new TrafficSelector(
            [IpPrefix.Parse("10.2.0.0/16"), IpPrefix.Parse("fd00:2::/64")], [IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("fd00:1::/64")]),
        [IpAddress.Parse("10.2.0.1")]);

    private static readonly (string Source, string Destination, DropReason Fate)[] Forbidden =
    [
        ("10.9.0.1", "10.2.0.1", DropReason.SelectorMismatch), ("10.2.0.1", "10.2.0.2", DropReason.OwnSource),
        ("127.0.0.1", "10.2.0.1", DropReason.Martian), ("fd00:3::1", "fd00:2::1", DropReason.SelectorMismatch),
    ];

    private readonly List<SealedPacket> _sealed = [];
    private readonly List<byte[]> _sent = [];
    private ulong _next;
    private byte _iv;

    /// <summary>Some of everything.</summary>
    public static byte[] Exchange { get; } =
    [
        SealAllowed, 0, 10, SealAllowed, 0, 40, SealAllowed, 0, 3, SendAsIs, 0, SendAsIs, 1, SendAsIs, 0, SendDamaged, 2, 0, 90, 1,
        SendAsIs, 2, Flush, SealForbidden, 0, 1, SendAsIs, 3,
        SealPlaintext, 0, 24, 0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 10, 1, 0, 1, 10, 2, 0, 1, 1, 2, 2, 4, SendAsIs, 4,
        SendCut, 1, 3, SendSpliced, 0, 1, 30, SendRenumbered, 1, 0, 0, 0, 9, SendMadeUp, 9, 0xC0, 0x66, 0x6A, 0x70, 0, 0, 0, 1, 7,
    ];

    public static IReadOnlyList<byte[]> Words { get; } =
    [
        [SealAllowed, 0, 10, SendAsIs, 0xFF], [SealAllowed, 31, 9, SendAsIs, 0xFF], [SealAllowed, 0x80, 9, SendAsIs, 0xFF],
        [SendAsIs, 0], [Flush], [SealForbidden, 0, 1, SendAsIs, 0xFF], [SealPlaintext, 0, 16], [0xC0, 0x66, 0x6A, 0x70], [SendSpliced, 0, 1, 24],
        [0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0x66, 0xC8, 10, 1, 0, 1, 10, 2, 0, 1, 1, 2, 2, 4], [0, 59], [1, 1, 4], [0, 41],
    ];

    public void Run(Choices choices, ulong first)
    {
        _next = first;
        for (int steps = 0; steps < MostSteps && !choices.IsAtEnd; steps++)
        {
            Step(choices.Below(Kinds), ref choices);
            if (_sent.Count == receiver.MostAtOnce)
            {
                Deliver();
            }
        }

        Deliver();
    }

    private void Step(int kind, ref Choices choices)
    {
        switch (kind)
        {
            case SealAllowed:
                SealPacket(Packet(choices.Octet(), "10.1.0.1", "10.2.0.1", choices.Octet()), DropReason.None);
                break;
            case SealForbidden:
                (string source, string destination, DropReason fate) = Forbidden[choices.Below(Forbidden.Length)];
                SealPacket(Packet(choices.Octet(), source, destination, 20), fate);
                break;
            case SealPlaintext:
                Advance(choices.Octet());
                AddPlaintext(choices.Octets(choices.Octet()));
                break;
            case Flush:
                Deliver();
                break;
            case SendMadeUp:
                _sent.Add(choices.Octets(choices.Octet()).ToArray());
                break;
            default:
                Send(kind, ref choices);
                break;
        }
    }

    private void Send(int kind, ref Choices choices)
    {
        if (_sealed.Count == 0)
        {
            return;
        }

        byte[] packet = [.. Chosen(choices.Octet())];
        switch (kind)
        {
            case SendDamaged:
                packet[choices.Word() % packet.Length] ^= Math.Max((byte)1, choices.Octet());
                break;
            case SendCut:
                int octets = (sbyte)choices.Octet();
                packet = octets < 0 ? [.. packet, .. new byte[-octets]] : packet[..Math.Max(0, packet.Length - octets)];
                break;
            case SendSpliced:
                byte[] other = Chosen(choices.Octet());
                int at = choices.Octet();
                packet = [.. packet[..Math.Min(at, packet.Length)], .. other[Math.Min(at, other.Length)..]];
                break;
            case SendRenumbered:
                EspHeader.Write(packet, Spi, choices.Number());
                break;
        }

        _sent.Add(packet);
    }

    /// <summary>The last one for an index beyond it.</summary>
    private byte[] Chosen(byte index) => _sealed[Math.Min(index, _sealed.Count - 1)].Octets;

    private byte[] Packet(byte step, string source, string destination, int size)
    {
        Advance(step);
        byte[] packet = new byte[40 + (6 * size)];
        IcmpPacket.WriteIPHeader(packet, IpAddress.Parse(source), IpAddress.Parse(destination));
        return packet;
    }

    /// <summary>Numbers run on, leap, or go back, as no honest sender's do.</summary>
    private void Advance(byte step)
    {
        ulong distance = (ulong)(step & 0x7F) + 1;
        _next = (step & 0x80) == 0 ? _next + distance : _next - Math.Min(_next, distance * 3);
        _next = parameters.IsExtended ? _next : Math.Min(_next, uint.MaxValue);
    }

    private void SealPacket(byte[] inner, DropReason fate)
    {
        byte[] plaintext = new byte[EspTrailer.PaddedLength(inner.Length, parameters.Alignment)];
        inner.CopyTo(plaintext, 0);
        EspTrailer.Write(plaintext.AsSpan(inner.Length), inner[0] >> 4 == 6 ? EspTrailer.NextHeaderIPv6 : EspTrailer.NextHeaderIPv4);
        Seal(plaintext, inner, fate);
    }

    /// <summary>Whatever octets, from somebody who holds the key.</summary>
    private void AddPlaintext(ReadOnlySpan<byte> octets)
    {
        int length = Math.Max(parameters.Alignment, octets.Length - (octets.Length % parameters.Alignment));
        byte[] plaintext = new byte[length];
        octets[..Math.Min(length, octets.Length)].CopyTo(plaintext);
        DropReason fate = FateOf(plaintext, out byte[] inner);
        Seal(plaintext, inner, fate);
    }

    /// <summary>By RFC 4303 §2.4 to §2.6 and §3.4.4, read anew.</summary>
    private static DropReason FateOf(byte[] plaintext, out byte[] inner)
    {
        inner = [];
        int padding = plaintext[^2];
        int body = plaintext.Length - 2 - padding;
        if (body < 0 || !plaintext.AsSpan(body, padding).SequenceEqual(Enumerable.Range(1, padding).Select(i => (byte)i).ToArray()))
        {
            return DropReason.BadPadding;
        }

        if (plaintext[^1] is not (4 or 41))
        {
            return plaintext[^1] == 59 ? DropReason.Dummy : DropReason.UnexpectedNextHeader;
        }

        if (PlainPacket.Length(plaintext.AsSpan(0, body)) is not int length
            || (plaintext[0] / 16 == 6) != (plaintext[^1] == 41)
            || !PlainPacket.HasGoodHeaderChecksum(plaintext.AsSpan(0, length)))
        {
            return DropReason.MalformedInner;
        }

        inner = plaintext[..length];
        InnerPacket.TryRead(inner, out InnerPacket packet);
        return Policy.Check(packet);
    }

    private void Seal(byte[] plaintext, byte[] inner, DropReason fate)
    {
        CipherSuite suite = parameters.Key.Suite;
        byte[] packet = new byte[suite.Overhead(parameters.Key.IcvSize) + plaintext.Length];
        EspHeader.Write(packet, Spi, (uint)_next);
        packet.AsSpan(EspHeader.Size, suite.IvSize).Fill(_iv++);
        plaintext.CopyTo(packet, parameters.BodyStart);
        suite.Seal(packet, packet,
        [
            new SealJob
            {
                Key = parameters.Key,
                BodyOffset = parameters.BodyStart,
                BodyLength = plaintext.Length,
                Offset = 0,
                Length = packet.Length,
                SequenceHigh = parameters.IsExtended ? (uint)(_next >> 32) : null,
            },
        ]);
        _sealed.Add(new SealedPacket(packet, _next, inner, fate));
    }

    private void Deliver()
    {
        const int Gap = 3;
        byte[] buffer = new byte[_sent.Sum(packet => packet.Length + Gap)];
        buffer.AsSpan().Fill(0xA5);
        var places = new List<Range>();
        int at = 0;
        foreach (byte[] packet in _sent)
        {
            packet.CopyTo(buffer, at);
            places.Add(at..(at + packet.Length));
            at += packet.Length + Gap;
        }

        ulong topAtStart = model.Top;
        receiver.Open(buffer, places, (i, verdict, inner) => Check(_sent[i], buffer.AsSpan(places[i]), verdict, inner, topAtStart));
        foreach (Range place in places)
        {
            Require.Holds(!buffer.AsSpan(place.End.Value, Gap).ContainsAnyExcept((byte)0xA5), "nothing is written behind a packet");
        }

        Require.AreEqual(model.Top, receiver.Top);
        features.Add("batch", Features.ClassOf(_sent.Count));
        _sent.Clear();
    }

    private void Check(byte[] sent, ReadOnlySpan<byte> opened, DropReason verdict, Range inner, ulong topAtStart)
    {
        features.Add("verdict", (long)verdict, Features.ClassOf(sent.Length));
        SealedPacket[] candidates = [.. _sealed.Where(candidate => candidate.Octets.AsSpan().SequenceEqual(sent))];
        if (candidates.Length == 0)
        {
            Require.Holds(EspModel.IsVerdictOnForgery(verdict));
            Require.AreEqual(sent, opened, "a forgery's octets");
            return;
        }

        model.Judge(candidates, verdict, topAtStart);
        if (verdict == DropReason.None)
        {
            Require.Holds(candidates.Any(candidate => candidate.Inner.Length == inner.End.Value - inner.Start.Value));
            Require.AreEqual(candidates[0].Inner, opened[inner], "the inner packet");
        }
    }
}
