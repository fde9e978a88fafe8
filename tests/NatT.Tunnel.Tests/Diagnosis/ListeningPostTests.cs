using NatT.Tunnel.Configuration;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Tests.Configuration;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Diagnosis;

public sealed class ListeningPostTests : IDisposable
{
    private readonly List<IDisposable> _mine = [];

    [Fact]
    public void An_authentic_packet_names_its_peer_once_even_a_replayed_one()
    {
        ListeningPost post = Post(EndConf.OfA());
        byte[] packet = Seal(7, EndConf.InnerB);

        Assert.Equal("p", post.Take([.. packet], EndConf.OuterB));
        Assert.Null(post.Take([.. packet], EndConf.OuterB));

        Assert.Equal(["p"], post.Heard);
        Assert.Empty(post.Mismatches);
        Assert.Equal(2, post.Datagrams);
    }

    [Fact]
    public void A_sender_whose_64_bit_numbers_are_far_on_is_heard()
    {
        ListeningPost post = Post(EndConf.OfA("esn = yes"));
        using var sealer = new Sealer();

        Assert.Equal("p", post.Take(
            sealer.Seal((5UL << 32) + 9, InnerPackets.Udp(EndConf.InnerB, EndConf.InnerA, 100), isExtended: true), EndConf.OuterB));
    }

    [Fact]
    public void Keys_that_are_to_follow_are_the_peers_too()
    {
        ListeningPost post = Post(EndConf.OfA(
            $"next_spi_in = 0x{EndConf.Spi + 1:x}\nnext_spi_out = 0x{EndConf.Spi + 2:x}",
            $"next_enc_in = 0x{new string('1', 32)}\nnext_enc_out = 0x{new string('2', 32)}",
            $"next_auth_in = 0x{new string('3', 32)}\nnext_auth_out = 0x{new string('4', 32)}"));
        byte[] forged = Seal(1, EndConf.InnerB);
        forged[3]++;

        post.Take(forged, EndConf.OuterB);
        Assert.Equal("p", post.Take(Seal(1, EndConf.InnerB), EndConf.OuterB));

        Assert.Equal(MismatchCause.AuthenticationKey, Assert.Single(post.Mismatches).Cause);
        Assert.Equal(["p"], post.Heard);
    }

    [Fact]
    public void A_keepalive_is_a_datagram_and_no_more()
    {
        ListeningPost post = Post(EndConf.OfA());

        Assert.Null(post.Take(new byte[] { 0xFF }, EndConf.OuterB));

        Assert.Equal(1, post.Datagrams);
        Assert.Empty(post.Mismatches);
    }

    [Fact]
    public void Mismatches_are_found_as_the_running_tunnel_finds_them_and_each_is_told_once()
    {
        ListeningPost post = Post(EndConf.OfA("icv_bits = 96"));

        for (ulong number = 1; number < 10; number++)
        {
            Assert.Null(post.Take(Seal(number, EndConf.InnerB), EndConf.OuterB));
            post.Take(Convert.FromHexString("0000999900000001000000000000000000000000"), EndConf.OuterB);
        }

        Assert.Equal([MismatchCause.IcvLength, MismatchCause.SpiUnknown], post.Mismatches.Select(mismatch => mismatch.Cause));
        Assert.Empty(post.Heard);
    }

    [Fact]
    public void Packets_that_the_selectors_refuse_do_not_count_as_hearing_the_peer()
    {
        ListeningPost post = Post(EndConf.OfA());

        Assert.Null(post.Take(Seal(1, "10.9.9.9"), EndConf.OuterB));

        Assert.Equal(MismatchCause.Selectors, Assert.Single(post.Mismatches).Cause);
    }

    [Theory]
    [InlineData("aes-gcm-16")]
    [InlineData("chacha20-poly1305")]
    public void Of_an_AEAD_key_and_salt_are_one(string suite)
    {
        ListeningPost post = Post(ConfText.ParseGood(
            $"""
            local_private_ip = 10.1.0.1
            remote_private_ip = 10.2.0.1
            suite = {suite}
            spi_in = 0x1001
            spi_out = 0x1002
            enc_in = 0x{new string('1', 72)}
            enc_out = 0x{new string('2', 72)}
            """));

        post.Take([0, 0, 0x10, 1, 0, 0, 0, 1, .. new byte[8 + 64 + 16]], EndConf.OuterB);

        Assert.Equal(
            "peer p may have another key or salt: no ICV from 198.51.100.2:1100 is right; compare enc_in here with enc_out at its end, "
            + "salt included, and suite",
            Assert.Single(post.Mismatches).Text);
    }

    [Fact]
    public void Whatever_octets_come_none_throws()
    {
        ListeningPost post = Post(EndConf.OfA());
        var random = new Random(11);
        byte[] packet = Seal(1, EndConf.InnerB);

        for (int i = 0; i < 3000; i++)
        {
            byte[] octets = random.Next(2) == 0 ? new byte[random.Next(80)] : packet[..random.Next(packet.Length)];
            for (int flips = random.Next(4); flips > 0 && octets.Length > 0; flips--)
            {
                octets[random.Next(octets.Length)] ^= (byte)random.Next(256);
            }

            post.Take(octets, EndConf.OuterB);
        }

        Assert.Equal(3000, post.Datagrams);
    }

    public void Dispose() => _mine.ForEach(one => one.Dispose());

    private static byte[] Seal(ulong number, string source)
    {
        using var sealer = new Sealer();
        return sealer.Seal(number, InnerPackets.Udp(source, EndConf.InnerA, 100));
    }

    private ListeningPost Post(PeerConf conf)
    {
        PeerParameters[] peers = [.. PeerParameters.AllOf(conf)];
        _mine.AddRange([conf, .. peers.SelectMany(peer => new[] { peer.Inbound.Key, peer.Outbound.Key })]);
        return new ListeningPost(peers);
    }
}
