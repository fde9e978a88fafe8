using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Interchange;

namespace NatT.Tunnel.Tests.Interchange;

public sealed class XfrmImportTests
{
    [Theory]
    [InlineData(1, "aes-cbc-hmac-sha256", 96, 16, false, 0)]
    [InlineData(2, "aes-cbc-hmac-sha256", 96, 24, false, 32)]
    [InlineData(3, "aes-cbc-hmac-sha256", 96, 32, true, 128)]
    [InlineData(4, "aes-cbc-hmac-sha256", 128, 16, true, 4096)]
    [InlineData(5, "aes-cbc-hmac-sha256", 128, 24, false, 0)]
    [InlineData(6, "aes-cbc-hmac-sha256", 128, 32, false, 32)]
    [InlineData(7, "aes-cbc-hmac-sha1", 96, 32, true, 128)]
    [InlineData(8, "aes-cbc-hmac-sha384", 192, 32, true, 4096)]
    [InlineData(9, "aes-cbc-hmac-sha512", 256, 32, false, 0)]
    [InlineData(10, "aes-gcm-16", 128, 20, false, 32)]
    [InlineData(11, "aes-gcm-16", 128, 28, true, 128)]
    [InlineData(12, "aes-gcm-16", 128, 36, true, 4096)]
    [InlineData(13, "chacha20-poly1305", 128, 36, false, 0)]
    public void Tunnel_of_the_kernel_becomes_a_conf(
        int number, string suite, int icvBits, int keyOctets, bool isExtended, int window)
    {
        using XfrmImport import = XfrmText.Read(XfrmText.OfLinux);

        Assert.Empty(import.Problems);
        Assert.Equal(13, import.Confs.Length);
        PeerConf conf = Assert.Single(import.Confs, imported => imported.Conf.Outbound.Spi == 0x1000 + number).Conf;
        Assert.Equal(0x2000u + (uint)number, conf.Inbound.Spi);
        Assert.Equal((suite, icvBits), (conf.Suite.Name, conf.IcvBits));
        Assert.Equal((isExtended, window), (conf.ExtendedSequenceNumbers, conf.ReplayWindow));
        Assert.Equal(number % 2 == 1 ? UdpFraming.Rfc3948 : UdpFraming.NonIke, conf.Framing);
        Assert.Equal(number % 3 == 2 ? $"2001:db8:1::{number:x}" : $"198.51.100.{number}", conf.RemoteHost);
        Assert.Equal([$"10.77.0.2/32", "fd77::2/128"], conf.Selector.Local.Select(prefix => $"{prefix}"));
        Assert.Equal([$"10.78.{number}.0/24", $"fd78:{number}::/64"], conf.Selector.Remote.Select(prefix => $"{prefix}"));
        Assert.Equal(keyOctets, conf.Outbound.EncryptionKey.Length);
        string word = conf.Outbound.AuthenticationKey.Length == 0 ? "aead" : "enc";
        AssertKey($"0x{0x1000 + number:x8}", word, conf.Outbound.EncryptionKey.Octets);
        AssertKey($"0x{0x2000 + number:x8}", word, conf.Inbound.EncryptionKey.Octets);
        if (word == "enc")
        {
            AssertKey($"0x{0x1000 + number:x8}", "auth-trunc", conf.Outbound.AuthenticationKey.Octets);
            AssertKey($"0x{0x2000 + number:x8}", "auth-trunc", conf.Inbound.AuthenticationKey.Octets);
        }
    }

    [Fact]
    public void Sequence_numbers_come_along_with_their_high_halves()
    {
        using XfrmImport import = XfrmText.Read(XfrmText.OfLinux);

        Assert.Equal(new SequenceNumbers((3ul << 32) + 5, (1ul << 32) + 17), NumbersOf(3));
        Assert.Equal(new SequenceNumbers(200, 100), NumbersOf(2));
        Assert.Equal(default, NumbersOf(1));

        SequenceNumbers NumbersOf(uint number) => import.Confs.Single(imported => imported.Conf.Outbound.Spi == 0x1000 + number).Numbers;
    }

    [Fact]
    public void One_SPI_and_key_set_for_both_directions_stays_one()
    {
        using XfrmImport import = XfrmText.Read(XfrmText.Small);

        ImportedConf imported = Assert.Single(import.Confs);
        string text = System.Text.Encoding.UTF8.GetString(imported.Octets);
        Assert.Empty(import.Notices);
        Assert.Equal("198.51.100.7.conf", imported.Conf.File);
        Assert.Contains("\nspi_id = 0xc0666a70\n", text, StringComparison.Ordinal);
        Assert.Contains("\nauth = 0x8896ab8654cd9875e214a978bd31209e\n", text, StringComparison.Ordinal);
        Assert.Contains("\nori_local_public_ip = 203.0.113.5\n", text, StringComparison.Ordinal);
        Assert.Equal(IpAddress.Parse("10.2.0.1"), Assert.Single(imported.Conf.DeviceAddresses).Address);
        Assert.Equal((96, 0, false), (imported.Conf.IcvBits, imported.Conf.ReplayWindow, imported.Conf.ExtendedSequenceNumbers));
    }

    [Fact]
    public void Order_of_states_and_policies_does_not_matter()
    {
        string[] lines = XfrmText.Small.Split('\n');

        using XfrmImport import = XfrmText.Read(string.Join('\n', [.. lines[16..24], .. lines[8..16], .. lines[..8]]));

        Assert.Empty(import.Problems);
        Assert.Single(import.Confs);
    }

    [Fact]
    public void A_window_smaller_than_any_of_natt_tun_grows()
    {
        using XfrmImport import = XfrmText.Read(XfrmText.Small.Replace("replay-window 0 ", "replay-window 8 ", StringComparison.Ordinal));

        Assert.Equal(32, Assert.Single(import.Confs).Conf.ReplayWindow);
        Assert.Equal("stdin:9: replay-window 8 becomes replay_window = 32, the smallest there is", Assert.Single(import.Notices));
    }

    [Fact]
    public void What_is_for_no_tunnel_of_ours_is_left_out_and_said()
    {
        const string Others =
            """
            src 192.0.2.1 dst 192.0.2.9
            	proto esp spi 0x00003000 reqid 9 mode tunnel
            	replay-window 0 
            	auth-trunc hmac(sha256) 0x8896ab8654cd9875e214a978bd31209f 96
            	enc cbc(aes) 0xea89273861739abc9e0d527ad98462108365289dcb1a6738
            	encap type espinudp sport 1100 dport 1100 addr 0.0.0.0
            src 10.1.0.1/32 dst 10.2.0.1/32 
            	dir fwd priority 0 ptype main 
            	tmpl src 198.51.100.7 dst 203.0.113.5
            		proto esp reqid 3227937392 mode tunnel
            src 0.0.0.0/0 dst 10.9.0.1/32 
            	dir out action block priority 0 ptype main 
            src 0.0.0.0/0 dst 0.0.0.0/0 
            	socket in priority 0 ptype main 

            """;
        using XfrmImport import = XfrmText.Read(Others + XfrmText.Small);

        Assert.Empty(import.Problems);
        Assert.Single(import.Confs);
        Assert.Equal(
            [
                "stdin:1: left out: no policy asks for this state, SPI 0x00003000; where it is needed, add what ip xfrm policy prints",
                "stdin:11: left out: a policy without tmpl, which is for no tunnel",
            ],
            import.Notices.ToArray());
    }

    [Fact]
    public void A_text_cut_anywhere_never_makes_a_conf_of_half_a_tunnel()
    {
        for (int length = 0; length < XfrmText.Small.Length - 40; length++)
        {
            using XfrmImport import = XfrmText.Read(XfrmText.Small[..length]);

            Assert.Empty(import.Confs);
            Assert.NotEmpty(import.Problems);
        }
    }

    private static void AssertKey(string spi, string word, ReadOnlySpan<byte> octets) =>
        Assert.Equal(XfrmText.KeyOf(XfrmText.OfLinux, spi, word), Convert.ToHexStringLower(octets));
}
