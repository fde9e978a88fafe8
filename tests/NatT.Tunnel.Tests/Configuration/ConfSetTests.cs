using System.Text;
using NatT.Esp.Associations;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

/// <summary>What keeps confs that are good each by itself from going together.</summary>
public sealed class ConfSetTests
{
    private const string KeysOfA = "enc_in = 0x000102030405060708090a0b0c0d0e0f\nauth_in = 0x101112131415161718191a1b1c1d1e1f\n"
        + "enc_out = 0x202122232425262728292a2b2c2d2e2f\nauth_out = 0x303132333435363738393a3b3c3d3e3f";

    private const string KeysOfB = "enc_in = 0x400102030405060708090a0b0c0d0e0f\nauth_in = 0x501112131415161718191a1b1c1d1e1f\n"
        + "enc_out = 0x602122232425262728292a2b2c2d2e2f\nauth_out = 0x703132333435363738393a3b3c3d3e3f";

    // Lines 1 to 4, then four lines of keys; what a test adds begins on line 9.
    private const string A = "local_private_ip = 10.1.0.1\nremote_private_ip = 10.2.0.1\nspi_in = 0x1001\nspi_out = 0x1002\n" + KeysOfA;
    private const string B = "local_private_ip = 10.1.0.1\nremote_private_ip = 10.2.0.2\nspi_in = 0x2001\nspi_out = 0x2002\n" + KeysOfB;

    private const string AeadKey = "202122232425262728292a2b2c2d2e2f";

    [Fact]
    public void Peers_with_all_things_of_their_own_go_together()
    {
        using ConfSet set = Compose(A, B);

        Assert.True(set.IsValid);
        Assert.Equal(["a", "b"], set.Peers.Select(conf => conf.Name));
        Assert.Equal("natt0", set.Process.TunName);
        Assert.Equal(1100, set.Process.BindPort);
    }

    [Fact]
    public void Two_peers_with_one_inbound_spi_are_refused()
    {
        AssertRefused(
            "b.conf:3: spi_in: 0x1001 also in a.conf:3; arriving packets are told apart by it, give each peer one of its own",
            A, B.Replace("0x2001", "0x1001", StringComparison.Ordinal));
    }

    [Fact]
    public void An_spi_for_both_directions_is_named_by_its_own_key()
    {
        string shared = B.Replace("spi_in = 0x2001\nspi_out = 0x2002", "\nspi_id = 4097", StringComparison.Ordinal);

        AssertRefused(
            "b.conf:4: spi_id: 0x1001 also in a.conf:3; arriving packets are told apart by it, give each peer one of its own", A, shared);
    }

    [Fact]
    public void In_transport_mode_what_one_peer_is_sent_must_not_pass_for_what_another_sends()
    {
        string reflecting = B.Replace("0x2001", "0x1002", StringComparison.Ordinal)
            .Replace("0x501112131415161718191a1b1c1d1e1f", "0x303132333435363738393a3b3c3d3e3f", StringComparison.Ordinal);

        using ConfSet tunnel = Compose(A, reflecting);
        Assert.True(tunnel.IsValid);
        AssertRefused(
            "b.conf:3: spi_in: 0x1002 with the same key as a.conf:4 has for spi_out; "
            + "what we send there could be sent back to us as from this peer, give each peer keys of its own",
            A, reflecting + "\nmode = transport");
    }

    [Fact]
    public void Two_peers_with_one_outbound_spi_and_key_are_refused()
    {
        string copied = B.Replace(KeysOfB, KeysOfA, StringComparison.Ordinal).Replace("0x2002", "0x1002", StringComparison.Ordinal);

        AssertRefused(
            "b.conf:4: spi_out: 0x1002 with the same keys also in a.conf:4; "
            + "sequence numbers would be used twice under one key, give each peer keys of its own",
            A, copied);
    }

    [Fact]
    public void Two_peers_may_have_one_outbound_spi_under_different_keys()
    {
        using ConfSet set = Compose(A, B.Replace("0x2002", "0x1002", StringComparison.Ordinal));

        Assert.True(set.IsValid);
    }

    [Theory]
    [InlineData("enc_in = 0x" + AeadKey + "01020304", "b.conf:5: enc_in: the same key also in a.conf:6; aes-gcm-16 must have it for itself, "
        + "make new ones: natt-tun keygen --suite aes-gcm-16")]
    [InlineData("enc_in = 0x" + AeadKey + "0a0b0c0d", "b.conf:5: enc_in: the same key also in a.conf:6; aes-gcm-16 must have it for itself, "
        + "make new ones: natt-tun keygen --suite aes-gcm-16")]
    [InlineData("enc_out = 0x" + AeadKey + "01020304", "b.conf:6: enc_out: the same key also in a.conf:6; aes-gcm-16 must have it for itself, "
        + "make new ones: natt-tun keygen --suite aes-gcm-16")]
    [InlineData("enc_out = 0x" + AeadKey + AeadKey + "01020304")]
    public void One_key_of_an_AEAD_in_two_confs_is_refused_whatever_its_salt(string line, params string[] problems)
    {
        const string AeadA = "local_private_ip = 10.1.0.1\nremote_private_ip = 10.2.0.1\nspi_in = 0x1001\nspi_out = 0x1002\n"
            + "enc_in = 0x101112131415161718191a1b1c1d1e1f01020304\nenc_out = 0x" + AeadKey + "01020304\nsuite = aes-gcm-16";
        const string AeadB = "local_private_ip = 10.1.0.1\nremote_private_ip = 10.2.0.2\nspi_in = 0x2001\nspi_out = 0x2002\n"
            + "enc_in = 0x303132333435363738393a3b3c3d3e3f01020304\nenc_out = 0x404142434445464748494a4b4c4d4e4f01020304\n"
            + "suite = aes-gcm-16";
        string key = line.Split(' ')[0];

        using ConfSet set = Compose(
            AeadA, string.Join('\n', AeadB.Split('\n').Select(old => old.StartsWith(key + " ", StringComparison.Ordinal) ? line : old)));

        Assert.Equal(problems, set.Problems.Select(problem => problem.ToString()));
    }

    [Fact]
    public void A_key_of_an_AEAD_in_a_conf_of_another_suite_is_refused()
    {
        const string Aead = "local_private_ip = 10.1.0.1\nremote_private_ip = 10.2.0.1\nspi_in = 0x3001\nspi_out = 0x3002\n"
            + "enc_in = 0x101112131415161718191a1b1c1d1e1f01020304\nenc_out = 0x602122232425262728292a2b2c2d2e2f01020304\nsuite = aes-gcm-16";

        AssertRefused(
            "b.conf:7: enc_out: the same key also in a.conf:6; aes-gcm-16 must have it for itself, "
            + "make new ones: natt-tun keygen --suite aes-gcm-16",
            Aead, B);
    }

    [Fact]
    public void Two_peers_with_equal_selectors_are_refused()
    {
        AssertRefused(
            "b.conf:2: remote_private_ip: 10.2.0.1/32 also in a.conf:2, for packets from 10.1.0.1/32 as well; "
            + "they would have two peers to go to, write ranges apart, or a longer prefix in one of the two",
            A, B.Replace("10.2.0.2", "10.2.0.1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("10.1.0.0/16", "10.1.5.0/24", true)]
    [InlineData("10.1.5.0/24", "10.1.0.0/16", true)]
    [InlineData("10.9.0.0/24, 10.1.5.7", "10.1.5.0/24", true)]
    [InlineData("10.1.4.0/24", "10.1.5.0/24", false)]
    [InlineData("10.1.4.0/24, 10.1.6.0/24", "10.1.5.0/24", false)]
    public void One_remote_prefix_is_good_for_two_peers_where_their_local_ones_are_apart(string localA, string localB, bool clashes)
    {
        using ConfSet set = Compose(
            A.Replace("10.1.0.1", localA, StringComparison.Ordinal).Replace("10.2.0.1", "10.2.0.0/16", StringComparison.Ordinal),
            B.Replace("10.1.0.1", localB, StringComparison.Ordinal).Replace("10.2.0.2", "10.2.0.0/16", StringComparison.Ordinal));

        Assert.Equal(clashes ? 1 : 0, set.Problems.Length);
    }

    [Fact]
    public void A_longer_remote_prefix_decides()
    {
        using ConfSet set = Compose(A.Replace("10.2.0.1", "10.2.0.0/16", StringComparison.Ordinal), B);

        Assert.True(set.IsValid);
    }

    [Fact]
    public void Every_pair_of_equal_selectors_is_told_against_the_first()
    {
        string c = B.Replace("10.2.0.2", "10.2.0.1", StringComparison.Ordinal);

        string[] lines = Lines(A, c, c.Replace("0x2001", "0x3001", StringComparison.Ordinal).Replace("0x2002", "0x3002", StringComparison.Ordinal));

        Assert.Equal(2, lines.Length);
        Assert.All(lines, line => Assert.Contains("also in a.conf:2", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("ori_local_public_ip", "192.0.2.1", "192.0.2.2")]
    [InlineData("ori_local_port", "1101", "1102")]
    [InlineData("local_default_if", "eth0", "eth1")]
    [InlineData("tun_name", "natt1", "natt2")]
    [InlineData("mtu", "1300", "1400")]
    [InlineData("state_dir", "/var/lib/a", "/var/lib/b")]
    [InlineData("tun_offload", "yes", "no")]
    [InlineData("udp_offload", "no", "yes")]
    [InlineData("workers", "2", "4")]
    [InlineData("user", "natt-tun", "nobody")]
    public void Keys_of_the_process_must_agree(string key, string valueOfA, string valueOfB)
    {
        AssertRefused(
            $"b.conf:9: {key}: {valueOfB}, but also in a.conf:9 as {valueOfA}; there is one for all peers, write it once or the same everywhere",
            $"{A}\n{key} = {valueOfA}", $"{B}\n{key} = {valueOfB}");
        Assert.Empty(Lines($"{A}\n{key} = {valueOfA}", $"{B}\n{key} = {valueOfA}"));
        Assert.Empty(Lines(A, $"{B}\n{key} = {valueOfA}"));
    }

    [Fact]
    public void A_key_of_the_process_is_good_for_all_wherever_it_stands()
    {
        using ConfSet set = Compose(A, $"{B}\ntun_name = hub0\nmtu = 1300\nstate_dir = /srv/state\nori_local_port = 4500\ntun_offload = no\nudp_offload = no\nworkers = 3\nuser = nobody");

        Assert.Equal(new ProcessConf(null, 4500, null, "hub0", 1300, "/srv/state", TunOffload: false, UdpOffload: false, Workers: 3, "nobody"), set.Process);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(1279)]
    public void An_mtu_that_is_too_small_for_the_IPv6_of_another_file_is_refused(int mtu)
    {
        string withIPv6 = B.Replace("10.1.0.1", "10.1.0.1, fd00::1", StringComparison.Ordinal)
            .Replace("10.2.0.2", "10.2.0.2, fd00::2", StringComparison.Ordinal);

        AssertRefused(
            $"a.conf:9: mtu: {mtu} is too small for the IPv6 in b.conf:1; "
            + "there is one device for all peers, write 1280 or more, or leave IPv6 out there",
            $"{A}\nmtu = {mtu}", withIPv6);
        Assert.Empty(Lines($"{A}\nmtu = 1280", withIPv6));
        Assert.Empty(Lines($"{A}\nmtu = {mtu}", B));
    }

    [Fact]
    public void One_device_address_has_one_prefix_length()
    {
        AssertRefused(
            "b.conf:1: local_private_ip: 10.1.0.1/16, but also in a.conf:1 as 10.1.0.1/24; write one prefix length in both",
            A.Replace("10.1.0.1", "10.1.0.1/24", StringComparison.Ordinal), B.Replace("10.1.0.1", "10.1.0.1/16", StringComparison.Ordinal));
    }

    [Fact]
    public void A_peer_cannot_have_an_address_that_is_ours_in_another_file()
    {
        AssertRefused(
            "b.conf:2: remote_private_ip: 10.1.0.1 is this host's own, also in a.conf:1 as local_private_ip; write the peer's address",
            A, B.Replace("10.1.0.1", "10.1.0.9", StringComparison.Ordinal).Replace("10.2.0.2", "10.1.0.1", StringComparison.Ordinal));
    }

    [Fact]
    public void No_peer_may_hold_the_outer_address_of_another()
    {
        AssertRefused(
            "a.conf:2: remote_private_ip: holds remote_public_ip 192.0.2.7, which is in b.conf:9; "
            + "the tunnel would carry its own packets, write networks that leave it out",
            A.Replace("10.2.0.1", "192.0.2.0/24", StringComparison.Ordinal), $"{B}\nremote_public_ip = 192.0.2.7");
    }

    [Fact]
    public void An_outer_address_of_the_other_ip_version_than_the_socket_is_refused()
    {
        AssertRefused(
            "b.conf:9: remote_public_ip: 2001:db8::7 cannot be reached from ori_local_public_ip 192.0.2.1 of the other IP version "
            + "in a.conf:9; write both of one version, or leave ori_local_public_ip empty",
            $"{A}\nori_local_public_ip = 192.0.2.1", $"{B}\nremote_public_ip = 2001:db8::7");
    }

    [Fact]
    public void All_that_is_wrong_between_files_is_told_in_one_go()
    {
        string[] lines = Lines($"{A}\nmtu = 1300", $"{A}\nmtu = 1400");

        Assert.Equal(["mtu", "spi_in", "spi_out", "remote_private_ip"], lines.Select(line => line.Split(": ")[1]));
    }

    [Fact]
    public void Confs_whose_keys_are_wiped_still_say_the_rest()
    {
        using ConfSet set = Compose(A, B);
        KeyMaterial[] keys = [.. set.Peers.SelectMany(KeysOf)];
        Assert.All(keys, key => Assert.False(IsWiped(key)));

        set.WipeKeys();

        Assert.All(keys, key => Assert.True(IsWiped(key)));
        Assert.Equal(["a", "b"], set.Peers.Select(conf => conf.Name));
    }

    [Fact]
    public void A_disposed_set_has_wiped_its_keys_and_let_go_of_its_confs()
    {
        ConfSet set = Compose(A, B);
        KeyMaterial[] keys = [.. set.Peers.SelectMany(KeysOf)];

        set.Dispose();

        Assert.All(keys, key => Assert.True(IsWiped(key)));
        Assert.Empty(set.Peers);
        Assert.NotNull(set.Process);
    }

    private static KeyMaterial[] KeysOf(PeerConf conf) =>
        [conf.Inbound.EncryptionKey, conf.Inbound.AuthenticationKey, conf.Outbound.EncryptionKey, conf.Outbound.AuthenticationKey];

    private static bool IsWiped(KeyMaterial key) => key.Octets.IndexOfAnyExcept((byte)0) < 0;

    private static void AssertRefused(string expected, params string[] texts) => Assert.Equal([expected], Lines(texts));

    private static string[] Lines(params string[] texts)
    {
        using ConfSet set = Compose(texts);
        return [.. set.Problems.Select(problem => problem.ToString())];
    }

    /// <summary>Of a.conf, b.conf, …</summary>
    private static ConfSet Compose(params string[] texts) => ConfSet.Compose(
        [.. texts.Select((text, i) => ConfReader.Parse($"{(char)('a' + i)}.conf", Encoding.UTF8.GetBytes(text)).Conf!)], []);
}
