using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Wire;

public sealed class EspTrailerTests
{
    [Fact]
    public void Bodies_are_padded_to_the_next_multiple_of_the_alignment()
    {
        foreach (int alignment in new[] { 4, 8, 16 })
        {
            for (int body = 0; body <= 300; body++)
            {
                int padded = EspTrailer.PaddedLength(body, alignment);

                Assert.Equal(0, padded % alignment);
                Assert.InRange(padded - body - EspTrailer.Size, 0, alignment - 1);
            }
        }
    }

    [Fact]
    public void Every_pad_length_is_written_and_read()
    {
        for (int padding = 0; padding <= 255; padding++)
        {
            byte[] plaintext = new byte[40 + padding + 2];
            EspTrailer.Write(plaintext.AsSpan(40), EspTrailer.NextHeaderIPv6);
            byte[] expected = [.. Enumerable.Range(1, padding).Select(i => (byte)i), (byte)padding, 41];
            Assert.Equal(expected, plaintext[40..]);

            Assert.True(EspTrailer.TryRead(plaintext, out int bodyLength, out byte nextHeader));
            Assert.Equal((40, 41), (bodyLength, nextHeader));
        }
    }

    [Fact]
    public void A_single_wrong_octet_of_padding_is_refused()
    {
        for (int wrong = 0; wrong < 255; wrong++)
        {
            byte[] plaintext = new byte[257];
            EspTrailer.Write(plaintext, EspTrailer.NextHeaderIPv4);
            plaintext[wrong]++;

            Assert.False(EspTrailer.TryRead(plaintext, out _, out _), $"octet {wrong}");
        }
    }

    [Theory]
    [InlineData(14, 15)]
    [InlineData(14, 255)]
    [InlineData(0, 1)]
    [InlineData(253, 254)]
    public void Padding_longer_than_the_packet_is_refused(int octetsBeforeTrailer, byte padding)
    {
        byte[] plaintext = [.. Enumerable.Range(1, octetsBeforeTrailer).Select(i => (byte)i), padding, 4];

        Assert.False(EspTrailer.TryRead(plaintext, out _, out _));
    }

    [Fact]
    public void Padding_may_be_all_there_is_before_the_trailer()
    {
        byte[] plaintext = [1, 2, 3, 3, 59];

        Assert.True(EspTrailer.TryRead(plaintext, out int bodyLength, out byte nextHeader));
        Assert.Equal((0, 59), (bodyLength, nextHeader));
    }
}
