using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Wire;

public sealed class InternetChecksumTests
{
    [Fact]
    public void Sums_equal_the_plain_definition_at_every_length()
    {
        var random = new Random(1);
        for (int length = 0; length <= 2000; length++)
        {
            byte[] octets = new byte[length];
            random.NextBytes(octets);

            Assert.Equal(TestPackets.Checksum(octets), InternetChecksum.Finish(InternetChecksum.Add(octets)));
        }
    }

    [Fact]
    public void Carries_of_the_largest_packet_are_all_added_back()
    {
        byte[] octets = [.. Enumerable.Repeat((byte)0xFF, 65535)];

        Assert.Equal(TestPackets.Checksum(octets), InternetChecksum.Finish(InternetChecksum.Add(octets)));
    }

    [Fact]
    public void Carries_of_more_than_the_vectors_can_hold_are_all_added_back()
    {
        byte[] octets = [.. Enumerable.Repeat((byte)0xFF, (3 << 20) + 5)];

        Assert.Equal(TestPackets.Checksum(octets), InternetChecksum.Finish(InternetChecksum.Add(octets)));
    }

    [Fact]
    public void Sums_are_the_same_at_every_alignment()
    {
        byte[] octets = new byte[500];
        new Random(2).NextBytes(octets);
        for (int start = 0; start < 64; start++)
        {
            Assert.Equal(TestPackets.Checksum(octets[start..]), InternetChecksum.Finish(InternetChecksum.Add(octets.AsSpan(start))));
        }
    }

    [Fact]
    public void A_sum_goes_on_over_pieces_of_even_length()
    {
        byte[] octets = [.. Enumerable.Range(0, 77).Select(i => (byte)(i * 7))];

        uint sum = InternetChecksum.Add(octets.AsSpan(34), InternetChecksum.Add(octets.AsSpan(0, 34)));

        Assert.Equal(TestPackets.Checksum(octets), InternetChecksum.Finish(sum));
    }

    [Fact]
    public void The_worked_example_of_rfc_1071_comes_out() =>
        Assert.Equal(0xDDF2u, InternetChecksum.Add(Convert.FromHexString("0001f203f4f5f6f7")));
}
