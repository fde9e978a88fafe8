using System.Security.Cryptography;
using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Tests.Associations;
using NatT.Esp.Wire;
using ChaCha20Poly1305 = NatT.Crypto.ChaCha20Poly1305;

namespace NatT.Esp.Tests;

/// <summary>What the package's two entry points promise.</summary>
public sealed class EspRoundTripTests
{
    private static readonly byte[] Inner = TestPackets.IPv4("10.1.0.1", "10.2.0.1", payloadLength: 100);

    private static readonly InboundPolicy Policy = new(
        new TrafficSelector([IpPrefix.Parse("10.2.0.0/16"), IpPrefix.Parse("fd00:2::/64")], [IpPrefix.Parse("10.1.0.0/16"), IpPrefix.Parse("fd00:1::/64")]),
        [IpAddress.Parse("10.2.0.1")]);

    public static TheoryData<string, bool> Suites
    {
        get
        {
            var rows = new TheoryData<string, bool>();
            foreach (CipherSuite suite in AllSuites)
            {
                rows.Add(suite.Name, false);
                rows.Add(suite.Name, true);
            }

            return rows;
        }
    }

    internal static IEnumerable<CipherSuite> AllSuites =>
    [
        AesCbcHmacSha256.Create(), AesCbcHmac.Create(HmacHash.Sha1), AesCbcHmac.Create(HmacHash.Sha384),
        AesCbcHmac.Create(HmacHash.Sha512), AesGcm16.Create(), ChaCha20Poly1305.Create(),
    ];

    [Theory]
    [MemberData(nameof(Suites))]
    public void Packets_of_every_length_and_family_arrive_as_they_were(string suite, bool isExtended)
    {
        using EspSealer sealer = new(Parameters(suite, isExtended), 1, RandomNumberGenerator.Fill);
        using EspOpener opener = new(Parameters(suite, isExtended), Policy);
        for (int length = 0; length < 100; length++)
        {
            AssertArrives(sealer, opener, TestPackets.IPv4("10.1.0.1", "10.2.0.1", length));
            AssertArrives(sealer, opener, TestPackets.IPv6("fd00:1::1", "fd00:2::1", length));
        }

        Assert.Equal(201UL, sealer.NextNumber);
        Assert.Equal(200UL, opener.Top);
    }

    [Fact]
    public void A_sealer_that_goes_on_at_a_kept_number_is_followed()
    {
        using EspOpener opener = new(Parameters(), Policy);
        using (EspSealer first = new(Parameters(), 1, RandomNumberGenerator.Fill))
        {
            AssertArrives(first, opener, Inner);
        }

        using EspSealer second = new(Parameters(), 1000, RandomNumberGenerator.Fill);
        AssertArrives(second, opener, Inner);

        Assert.Equal(1000UL, opener.Top);
    }

    [Fact]
    public void An_opener_that_goes_on_at_a_kept_top_takes_nothing_from_before()
    {
        using EspSealer sealer = new(Parameters(), 1, RandomNumberGenerator.Fill);
        byte[] old = Seal(sealer, Inner);
        using EspOpener opener = new(Parameters(), Policy, top: 1);

        Assert.Equal(DropReason.Replayed, opener.TryOpen(old, out _));
    }

    [Fact]
    public void A_replay_is_told_apart_and_keeps_its_octets()
    {
        using EspSealer sealer = new(Parameters(), 1, RandomNumberGenerator.Fill);
        using EspOpener opener = new(Parameters(), Policy);
        byte[] packet = Seal(sealer, Inner);
        byte[] copy = [.. packet];
        byte[] sent = [.. packet];

        Assert.Equal(DropReason.None, opener.TryOpen(packet, out _));
        Assert.Equal(DropReason.Replayed, opener.TryOpen(copy, out _));
        Assert.Equal(sent, copy);
    }

    [Fact]
    public void A_forgery_changes_nothing()
    {
        using EspSealer sealer = new(Parameters(), 500, RandomNumberGenerator.Fill);
        using EspOpener opener = new(Parameters(), Policy);
        byte[] packet = Seal(sealer, Inner);
        packet[^1] ^= 1;
        byte[] forged = [.. packet];

        Assert.Equal(DropReason.IcvMismatch, opener.TryOpen(forged, out _));
        Assert.Equal(packet, forged);
        Assert.Equal(0UL, opener.Top);
    }

    [Fact]
    public void Anothers_packet_and_a_stump_are_told_apart()
    {
        using EspSealer sealer = new(Parameters(spi: 0x4321), 1, RandomNumberGenerator.Fill);
        using EspOpener opener = new(Parameters(), Policy);

        Assert.Equal(DropReason.UnknownSpi, opener.TryOpen(Seal(sealer, Inner), out _));
        Assert.Equal(DropReason.TooShort, opener.TryOpen(new byte[7], out _));
        Assert.Equal(DropReason.TooShort, opener.TryOpen([], out _));
    }

    [Fact]
    public void An_inner_packet_outside_the_policy_leaves_its_number_fresh()
    {
        using EspSealer sealer = new(Parameters(), 1, RandomNumberGenerator.Fill);
        using EspOpener opener = new(Parameters(), Policy);

        Assert.Equal(DropReason.SelectorMismatch, opener.TryOpen(Seal(sealer, TestPackets.IPv4("192.0.2.1", "10.2.0.1")), out _));
        Assert.Equal(0UL, opener.Top);
    }

    [Fact]
    public void What_is_no_packet_is_not_sealed()
    {
        using EspSealer sealer = new(Parameters(), 1, RandomNumberGenerator.Fill);

        Assert.Equal(DropReason.MalformedInner, sealer.TrySeal([.. Inner, 0], new byte[500], out int length));
        Assert.Equal(0, length);
        Assert.Equal(1UL, sealer.NextNumber);
    }

    [Fact]
    public void A_destination_that_is_too_short_costs_no_number()
    {
        using EspSealer sealer = new(Parameters(), 1, RandomNumberGenerator.Fill);

        Assert.Throws<ArgumentException>("sealedPacket", () => sealer.TrySeal(Inner, new byte[sealer.SealedLength(Inner.Length) - 1], out _));
        Assert.Equal(1UL, sealer.NextNumber);
    }

    [Fact]
    public void The_last_number_is_the_last()
    {
        using EspSealer sealer = new(Parameters(), uint.MaxValue, RandomNumberGenerator.Fill);
        byte[] packet = new byte[sealer.SealedLength(Inner.Length)];

        Assert.Equal(DropReason.None, sealer.TrySeal(Inner, packet, out _));
        Assert.Equal(DropReason.SequenceExhausted, sealer.TrySeal(Inner, packet, out int length));
        Assert.Equal(0, length);
        Assert.True(sealer.NeedsNewKeys);
    }

    private static void AssertArrives(EspSealer sealer, EspOpener opener, byte[] inner)
    {
        byte[] packet = Seal(sealer, inner);
        Assert.Equal(DropReason.None, opener.TryOpen(packet, out Range found));
        Assert.Equal(inner, packet[found]);
    }

    internal static byte[] Seal(EspSealer sealer, byte[] inner)
    {
        byte[] packet = new byte[sealer.SealedLength(inner.Length)];
        Assert.Equal(DropReason.None, sealer.TrySeal(inner, packet, out int length));
        Assert.Equal(packet.Length, length);
        return packet;
    }

    internal static SecurityAssociationParameters Parameters(string suite = "aes-gcm-16", bool isExtended = false, uint spi = TestAssociations.Spi)
    {
        CipherSuite found = AllSuites.Single(candidate => candidate.Name == suite);
        byte[] encryption = [.. Enumerable.Range(1, found is AeadSuite ? 32 + AeadSuite.SaltSize : 32).Select(i => (byte)i)];
        byte[] authentication = found is AeadSuite ? [] : [.. Enumerable.Repeat((byte)9, 64)];
        return new SecurityAssociationParameters(spi, found.CreateKey(encryption, authentication, found.IcvSizes[0]), isExtended);
    }
}
