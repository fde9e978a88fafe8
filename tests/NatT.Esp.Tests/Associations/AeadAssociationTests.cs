using System.Buffers.Binary;
using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Associations;

/// <summary>SAs whose IVs must never come twice, rather than be unpredictable.</summary>
public sealed class AeadAssociationTests
{
    /// <summary>Each packet of 24 octets of ciphertext: two blocks, and one for the ICV.</summary>
    private const ulong BlocksOfSmallPacket = 3;

    private const int SmallBody = 20;
    private const int Draws = 200;

    private static readonly CipherSuite[] Suites = [AesGcm16.Create(), ChaCha20Poly1305.Create()];

    public static TheoryData<string> SuiteNames => [.. Suites.Select(suite => suite.Name)];

    [Theory]
    [MemberData(nameof(SuiteNames))]
    public void What_is_sealed_opens_and_is_padded_to_4_octets(string suite)
    {
        foreach (bool isExtended in new[] { false, true })
        {
            using OutboundSecurityAssociation outbound = Outbound(suite, isExtended: isExtended);
            using var inbound = new InboundSecurityAssociation(Parameters(suite, isExtended), windowSize: 64);
            inbound.SynchroniseAt(0);
            for (int length = 1; length <= 40; length++)
            {
                byte[] body = [.. Enumerable.Range(1, length).Select(i => (byte)i)];

                byte[] packet = TestAssociations.Seal(outbound, body);

                Assert.Equal(0, packet.Length % 4);
                Assert.InRange(packet.Length, 8 + 8 + length + 2 + 16, 8 + 8 + length + 5 + 16);
                Assert.Equal(DropReason.None, TestAssociations.Open(inbound, packet, out byte[] opened, out _));
                Assert.Equal(body, opened);
            }
        }
    }

    [Fact]
    public void The_IV_is_32_random_bits_and_the_number()
    {
        var random = new HashSet<uint>();
        uint everySet = 0;
        uint everyClear = 0;
        for (int draw = 0; draw < Draws; draw++)
        {
            using OutboundSecurityAssociation association = Outbound("aes-gcm-16", first: 0xFFFFFFFE, seed: draw);
            byte[] first = Iv(association);
            byte[] second = Iv(association);

            Assert.Equal((0xFFFFFFFEu, 0xFFFFFFFFu), (Low(first), Low(second)));
            Assert.Equal(High(first), High(second));
            random.Add(High(first));
            everySet |= High(first);
            everyClear |= ~High(first);
        }

        Assert.Equal((Draws, uint.MaxValue, uint.MaxValue), (random.Count, everySet, everyClear));
    }

    [Fact]
    public void With_extended_numbers_no_IV_comes_again_where_the_low_half_does()
    {
        using OutboundSecurityAssociation early = Outbound("chacha20-poly1305", first: 1, isExtended: true);
        byte[][] low = [.. Enumerable.Range(0, 1000).Select(_ => Iv(early))];
        using OutboundSecurityAssociation crossing = Outbound("chacha20-poly1305", first: (1UL << 32) - 500, isExtended: true);
        byte[][] high = [.. Enumerable.Range(0, 2000).Select(_ => Iv(crossing))];

        Assert.Equal(3000, low.Concat(high).Select(Convert.ToHexString).Distinct().Count());
        Assert.Equal(Enumerable.Range(1, 1000).Select(n => (uint)n), high.Skip(501).Take(1000).Select(Low));
    }

    [Fact]
    public void With_extended_numbers_different_ones_have_different_IVs_whatever_the_random_bits()
    {
        // The highest possible, both sides of every power of two, and equal low halves under different high ones.
        ulong[] numbers =
        [
            .. Enumerable.Range(1, 37).SelectMany(bit => new[] { (1UL << bit) - 1, 1UL << bit }).Distinct(),
            .. Enumerable.Range(0, 40).Select(high => ((ulong)high << 32) + 77),
        ];
        var numberOf = new Dictionary<ulong, ulong>();
        for (int draw = 0; draw < 4 * Draws; draw++)
        {
            foreach (ulong number in numbers)
            {
                using OutboundSecurityAssociation association = Outbound("aes-gcm-16", number, isExtended: true, seed: draw);
                ulong iv = BinaryPrimitives.ReadUInt64BigEndian(Iv(association));

                Assert.True(numberOf.GetValueOrDefault(iv, number) == number, $"{number} and {numberOf.GetValueOrDefault(iv)} both have {iv:x16}");
                numberOf[iv] = number;
            }
        }
    }

    [Fact]
    public void With_extended_numbers_19_bits_at_least_are_random()
    {
        ulong everySet = 0;
        ulong everyClear = 0;
        for (int draw = 0; draw < Draws; draw++)
        {
            using OutboundSecurityAssociation association = Outbound("aes-gcm-16", first: 3UL << 32, isExtended: true, seed: draw);
            ulong iv = BinaryPrimitives.ReadUInt64BigEndian(Iv(association));
            everySet |= iv;
            everyClear |= ~iv;
        }

        Assert.Equal((1UL << 63) - (1UL << 44), everySet & everyClear);
    }

    [Fact]
    public void The_association_stops_at_2_to_the_44_blocks_of_16_octets()
    {
        ulong first = (OutboundSecurityAssociation.MaximumBlocks / 94) + 1;
        ulong left = OutboundSecurityAssociation.MaximumBlocks - ((first - 1) * 94);
        using OutboundSecurityAssociation association = Outbound("aes-gcm-16", first, isExtended: true);
        for (ulong packet = 0; packet < left / BlocksOfSmallPacket; packet++)
        {
            Iv(association);
        }

        byte[] refused = new byte[association.Parameters.SealedLength(SmallBody)];
        Assert.Equal(DropReason.SequenceExhausted, association.TryPrepare(refused, SmallBody, EspTrailer.NextHeaderIPv4, out _));
        Assert.True(association.NeedsNewKeys);
    }

    [Fact]
    public void Beyond_2_to_the_42_blocks_of_16_octets_new_keys_are_due()
    {
        ulong first = (OutboundSecurityAssociation.WarningBlocks / 94) + 1;
        ulong left = OutboundSecurityAssociation.WarningBlocks - ((first - 1) * 94);
        using OutboundSecurityAssociation association = Outbound("chacha20-poly1305", first, isExtended: true);
        for (ulong packet = 0; packet < left / BlocksOfSmallPacket; packet++)
        {
            Iv(association);
            Assert.False(association.NeedsNewKeys);
        }

        Iv(association);
        Assert.True(association.NeedsNewKeys);
    }

    private static OutboundSecurityAssociation Outbound(string suite, ulong first = 1, bool isExtended = false, int seed = 1) =>
        new(
            Parameters(suite, isExtended),
            new SequenceCounter(first, isExtended) { LastReserved = ulong.MaxValue },
            new RandomIvs(new Random(seed).NextBytes));

    private static SecurityAssociationParameters Parameters(string name, bool isExtended)
    {
        CipherSuite suite = Suites.Single(suite => suite.Name == name);
        byte[] keyAndSalt = [.. Enumerable.Range(0, 36).Select(i => (byte)i)];
        return new SecurityAssociationParameters(TestAssociations.Spi, suite.CreateKey(keyAndSalt, [], icvSize: 16), isExtended);
    }

    /// <summary>Of the next packet.</summary>
    private static byte[] Iv(OutboundSecurityAssociation association)
    {
        byte[] packet = new byte[association.Parameters.SealedLength(SmallBody)];
        Assert.Equal(DropReason.None, association.TryPrepare(packet, SmallBody, EspTrailer.NextHeaderIPv4, out _));
        return packet[8..16];
    }

    private static uint High(byte[] iv) => BinaryPrimitives.ReadUInt32BigEndian(iv);

    private static uint Low(byte[] iv) => BinaryPrimitives.ReadUInt32BigEndian(iv.AsSpan(4));
}
