using System.Buffers.Binary;
using System.Security.Cryptography;
using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Tests.Associations;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests;

/// <summary>What an attacker without keys makes of a packet: it never opens, moves nothing, and the packet itself still opens afterwards.</summary>
public sealed class EspHostileTests
{
    private const uint Number = 500;
    private const uint Top = Number - 1;
    private static readonly byte[] Inner = TestPackets.IPv4("10.1.0.1", "10.2.0.1", payloadLength: 100);

    public static TheoryData<string, bool> Suites => EspRoundTripTests.Suites;

    [Theory]
    [MemberData(nameof(Suites))]
    public void With_any_bit_of_its_header_flipped(string suite, bool isExtended)
    {
        using var lab = new Lab(suite, isExtended);
        int size = EspHeader.Size + lab.Suite.IvSize;
        for (int bit = 0; bit < size * 8; bit++)
        {
            byte[] forged = [.. lab.Packet];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            lab.AssertRefused(forged);
        }

        lab.AssertStillOpens();
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void With_any_bit_of_its_icv_flipped_or_all_of_them_zero(string suite, bool isExtended)
    {
        using var lab = new Lab(suite, isExtended);
        for (int bit = 0; bit < lab.IcvSize * 8; bit++)
        {
            byte[] forged = [.. lab.Packet];
            forged[^(1 + (bit / 8))] ^= (byte)(1 << (bit % 8));
            Assert.Equal(DropReason.IcvMismatch, lab.AssertRefused(forged));
        }

        Assert.Equal(DropReason.IcvMismatch, lab.AssertRefused([.. lab.Packet[..^lab.IcvSize], .. new byte[lab.IcvSize]]));
        lab.AssertStillOpens();
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Cut_at_any_length_or_lengthened_by_up_to_an_icv(string suite, bool isExtended)
    {
        using var lab = new Lab(suite, isExtended);
        for (int length = 0; length < lab.Packet.Length; length++)
        {
            lab.AssertRefused(lab.Packet[..length]);
        }

        for (int extra = 1; extra <= 2 * lab.IcvSize; extra++)
        {
            lab.AssertRefused([.. lab.Packet, .. new byte[extra]]);
        }

        lab.AssertStillOpens();
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Under_a_number_that_it_was_not_sealed_with(string suite, bool isExtended)
    {
        using var lab = new Lab(suite, isExtended);
        foreach (uint number in new uint[] { 0, 1, Top, Number + 1, Number + 64, 1 << 20, int.MaxValue, 0x8000_0000, uint.MaxValue })
        {
            byte[] forged = [.. lab.Packet];
            EspHeader.Write(forged, TestAssociations.Spi, number);
            lab.AssertRefused(forged);
        }

        lab.AssertStillOpens();
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void Garbage_of_any_length_behind_its_spi(string suite, bool isExtended)
    {
        using var lab = new Lab(suite, isExtended);
        byte[] garbage = new byte[UdpEncapsulation.LongestDatagram];
        new Random(1).NextBytes(garbage);
        EspHeader.Write(garbage, TestAssociations.Spi, Number);
        for (int length = 0; length <= garbage.Length; length += length < 600 ? 1 : 499)
        {
            lab.AssertRefused(garbage[..length]);
        }

        lab.AssertStillOpens();
    }

    [Fact]
    public void Garbage_of_every_length_that_udp_carries_is_told_from_a_packet()
    {
        byte[] garbage = new byte[UdpEncapsulation.LongestDatagram];
        new Random(2).NextBytes(garbage);
        BinaryPrimitives.WriteUInt32BigEndian(garbage, 0x00009999);
        using var lab = new Lab("aes-gcm-16", isExtended: false);
        for (int length = 0; length <= garbage.Length; length++)
        {
            DropReason expected = length < EspHeader.Size ? DropReason.TooShort : DropReason.None;
            Assert.Equal(expected, UdpEncapsulation.TryFindEsp(garbage.AsSpan(0, length), out UdpFraming framing));
            Assert.Equal(UdpFraming.Rfc3948, framing);
            expected = length < EspHeader.Size ? DropReason.TooShort : DropReason.UnknownSpi;
            Assert.Equal(expected, lab.TryOpen(garbage.AsSpan(0, length)));
        }
    }

    /// <summary>A packet that its opener would take as the next.</summary>
    private sealed class Lab : IDisposable
    {
        private readonly EspOpener _opener;

        public Lab(string suite, bool isExtended)
        {
            Suite = EspRoundTripTests.AllSuites.Single(candidate => candidate.Name == suite);
            IcvSize = Suite.IcvSizes[0];
            var policy = new InboundPolicy(
                new TrafficSelector([IpPrefix.Parse("10.2.0.0/16")], [IpPrefix.Parse("10.1.0.0/16")]), [IpAddress.Parse("10.2.0.1")]);
            using var sealer = new EspSealer(EspRoundTripTests.Parameters(suite, isExtended), Number, RandomNumberGenerator.Fill);
            Packet = EspRoundTripTests.Seal(sealer, Inner);
            _opener = new EspOpener(EspRoundTripTests.Parameters(suite, isExtended), policy, top: Top);
        }

        public CipherSuite Suite { get; }

        public int IcvSize { get; }

        public byte[] Packet { get; }

        public DropReason TryOpen(Span<byte> packet) => _opener.TryOpen(packet, out _);

        public DropReason AssertRefused(byte[] packet)
        {
            byte[] before = [.. packet];
            DropReason reason = _opener.TryOpen(packet, out Range inner);
            Assert.NotEqual(DropReason.None, reason);
            Assert.Equal(default, inner);
            Assert.Equal(before, packet);
            Assert.Equal(Top, _opener.Top);
            return reason;
        }

        public void AssertStillOpens()
        {
            Assert.Equal(DropReason.None, _opener.TryOpen(Packet, out Range inner));
            Assert.Equal(Inner, Packet[inner]);
            Assert.Equal(Number, _opener.Top);
        }

        public void Dispose() => _opener.Dispose();
    }
}
