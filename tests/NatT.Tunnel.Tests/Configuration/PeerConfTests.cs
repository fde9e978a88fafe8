using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

public class PeerConfTests
{
    [Fact]
    public void What_is_not_written_has_its_documented_default()
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Minimal);

        Assert.Equal("p.conf", conf.File);
        Assert.Equal("p", conf.Name);
        Assert.Null(conf.BindAddress);
        Assert.Equal(1100, conf.BindPort);
        Assert.Null(conf.OuterInterface);
        Assert.Null(conf.RemoteHost);
        Assert.Equal(1100, conf.RemotePort);
        Assert.Null(conf.Framing);
        Assert.Equal(128, conf.IcvBits);
        Assert.False(conf.ExtendedSequenceNumbers);
        Assert.Equal(1024, conf.ReplayWindow);
        Assert.Equal(20, conf.Keepalive.TotalSeconds);
        Assert.Equal(10, conf.DpdInterval.TotalSeconds);
        Assert.Equal(3, conf.DpdMisses);
        Assert.Equal("natt0", conf.TunName);
        Assert.Null(conf.Mtu);
        Assert.Equal("/var/lib/natt-tun", conf.StateDirectory);
        Assert.True(conf.TunOffload);
        Assert.True(conf.UdpOffload);
        Assert.Empty(conf.Notices);
    }

    [Fact]
    public void Every_key_of_ours_reaches_its_property()
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus(
            "ori_local_public_ip = 192.0.2.1", "ori_local_port = 4500", "local_default_if = eth0",
            "remote_public_ip = peer.example.", "remote_port = 65535", "espmode = espinudp", "suite = aes-cbc-hmac-sha256",
            "mode = tunnel", "icv_bits = 96", "esn = yes", "replay_window = 64", "keepalive = 5", "dpd_interval = no",
            "dpd_misses = 7", "dpd_target = 10.2.0.1", "tun_name = vpn-1", "mtu = 1400", "state_dir = /tmp/state"));

        Assert.Equal(IpAddress.Parse("192.0.2.1"), conf.BindAddress);
        Assert.Equal(4500, conf.BindPort);
        Assert.Equal("eth0", conf.OuterInterface);
        Assert.Equal("peer.example.", conf.RemoteHost);
        Assert.Equal(65535, conf.RemotePort);
        Assert.Equal(UdpFraming.Rfc3948, conf.Framing);
        Assert.Equal(96, conf.IcvBits);
        Assert.True(conf.ExtendedSequenceNumbers);
        Assert.Equal(64, conf.ReplayWindow);
        Assert.Equal(TimeSpan.FromSeconds(5), conf.Keepalive);
        Assert.Equal(TimeSpan.Zero, conf.DpdInterval);
        Assert.Equal(7, conf.DpdMisses);
        Assert.Equal("vpn-1", conf.TunName);
        Assert.Equal(1400, conf.Mtu);
        Assert.Equal("/tmp/state", conf.StateDirectory);
    }

    [Theory]
    [InlineData("aes-cbc-hmac-sha1", 96)]
    [InlineData("aes-cbc-hmac-sha256", 128)]
    [InlineData("aes-cbc-hmac-sha384", 192)]
    [InlineData("aes-cbc-hmac-sha512", 256)]
    public void Each_suite_has_the_ICV_of_its_RFC_said_or_unsaid(string suite, int icvBits)
    {
        using PeerConf unsaid = ConfText.ParseGood(ConfText.Plus($"suite = {suite}"));
        using PeerConf said = ConfText.ParseGood(ConfText.Plus($"suite = {suite}", $"icv_bits = {icvBits}"));

        Assert.Equal((suite, icvBits), (unsaid.Suite.Name, unsaid.IcvBits));
        Assert.Equal((suite, icvBits), (said.Suite.Name, said.IcvBits));
    }

    [Theory]
    [InlineData("aes-cbc-hmac-sha1", "160 bits (40 hex digits behind 0x)")]
    [InlineData("aes-cbc-hmac-sha256", "256 bits (64 hex digits behind 0x)")]
    [InlineData("aes-cbc-hmac-sha384", "384 bits (96 hex digits behind 0x)")]
    [InlineData("aes-cbc-hmac-sha512", "512 bits (128 hex digits behind 0x)")]
    public void A_short_key_for_HMAC_draws_a_warning_of_how_long_its_hash_wants_it(string suite, string better) =>
        Assert.Equal(
            [$"warning: p.conf:5: auth: a key of 16 bits can be guessed: better write {better}"],
            ConfText.Notices(ConfText.With("auth", "auth = ab") + $"\nsuite = {suite}"));

    /// <summary>The kernel that the scripts set up speaks HMAC-SHA-256 alone.</summary>
    [Theory]
    [InlineData("aes-cbc-hmac-sha256", 1)]
    [InlineData("aes-cbc-hmac-sha512", 0)]
    public void Only_who_may_speak_with_the_scripts_kernel_is_told_of_compat(string suite, int lines) =>
        Assert.Equal(lines, ConfText.Notices(ConfText.With("auth", "auth_sha256 = 0x101112131415161718191a1b1c1d1e1f") + $"\nsuite = {suite}")
            .Count(notice => notice.Contains("add compat", StringComparison.Ordinal)));

    [Theory]
    [InlineData("yes", "no", true, false)]
    [InlineData("0", "1", false, true)]
    public void Each_offload_has_its_switch(string tun, string udp, bool tunOffload, bool udpOffload)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus($"tun_offload = {tun}", $"udp_offload = {udp}"));

        Assert.Equal((tunOffload, udpOffload), (conf.TunOffload, conf.UdpOffload));
    }

    [Theory]
    [InlineData("workers = 1", 1)]
    [InlineData("workers = 16", 16)]
    [InlineData("", null)]
    public void Workers_are_as_many_as_the_conf_says(string line, int? workers)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus(line));

        Assert.Equal(workers, conf.Workers);
    }

    [Theory]
    [InlineData("auto", null)]
    [InlineData("espinudp", UdpFraming.Rfc3948)]
    [InlineData("espinudp-nonike", UdpFraming.NonIke)]
    public void Espmode_chooses_the_framing(string written, UdpFraming? expected)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus($"espmode = {written}"));

        Assert.Equal(expected, conf.Framing);
    }

    [Theory]
    [InlineData("", UdpFraming.NonIke)]
    [InlineData("espmode = espinudp-nonike\nicv_bits = 96\nreplay_window = 0\nesn = no", UdpFraming.NonIke)]
    [InlineData("espmode = espinudp", UdpFraming.Rfc3948)]
    public void Compat_speaks_as_the_scripts_set_up_the_kernel(string lines, UdpFraming framing)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus("compat = static-ipsec-nat-t", lines));

        Assert.Equal((framing, 96, 0, false), (conf.Framing!.Value, conf.IcvBits, conf.ReplayWindow, conf.ExtendedSequenceNumbers));
    }

    [Theory]
    [InlineData("icv_bits = 128", "icv_bits: '128' contradicts compat = static-ipsec-nat-t on line 7, which means icv_bits = 96, remove one of the two")]
    [InlineData("espmode = auto", "espmode: 'auto' contradicts compat = static-ipsec-nat-t on line 7, which means a fixed framing, remove one of the two")]
    [InlineData("replay_window = 64", "replay_window: '64' contradicts compat = static-ipsec-nat-t on line 7, which means replay_window = 0, remove one of the two")]
    [InlineData("esn = 1", "esn: '1' contradicts compat = static-ipsec-nat-t on line 7, which means esn = no, remove one of the two")]
    public void A_key_that_contradicts_compat_is_told_with_both_lines(string line, string expected)
    {
        Assert.Equal([$"p.conf:6: {expected}"], ConfText.Problems(ConfText.Plus(line, "compat = static-ipsec-nat-t")));
    }

    [Fact]
    public void Extended_sequence_numbers_without_a_replay_window_are_refused()
    {
        Assert.Equal(
            ["p.conf:6: esn: 'yes' needs the replay window that line 7 turns off, remove one of the two"],
            ConfText.Problems(ConfText.Plus("esn = yes", "replay_window = 0")));
    }

    [Theory]
    [InlineData("remote_port = 65536", "'65536' is out of range, write a whole number from 1 to 65535")]
    [InlineData("remote_port = -1", "'-1' is no whole number, write one from 1 to 65535")]
    [InlineData("remote_port = 01100", "'01100' begins with a zero, which some tools take for octal, leave it out")]
    [InlineData("ori_local_port = 11 00", "'11 00' is no whole number, write one from 1 to 65535")]
    [InlineData("nat_local_port = x", "'x' is no whole number, write one from 1 to 65535")]
    [InlineData("remote_ssh_port = 99999999999", "'99999999999' is out of range, write a whole number from 1 to 65535")]
    [InlineData("ori_local_public_ip = eth0", "'eth0' is no IP address, write one such as 192.0.2.1 or 2001:db8::1")]
    [InlineData("ori_local_public_ip = 0.0.0.0", "0.0.0.0 is no host's address, write the address of one host")]
    [InlineData("nat_local_public_ip = 300.1.1.1", "'300.1.1.1' is no IP address, write one such as 192.0.2.1 or 2001:db8::1")]
    [InlineData("remote_public_ip = 224.0.0.1", "224.0.0.1 is a multicast address, write the peer's, or nothing to wait for the peer")]
    [InlineData("espmode = udp", "'udp' is not possible here, write auto or espinudp or espinudp-nonike")]
    [InlineData("suite = des", "'des' is not possible here, write aes-cbc-hmac-sha256 or aes-gcm-16 or chacha20-poly1305 "
        + "or aes-cbc-hmac-sha1 or aes-cbc-hmac-sha384 or aes-cbc-hmac-sha512")]
    [InlineData("mode = beet", "'beet' is not possible here, write tunnel or transport")]
    [InlineData("icv_bits = 64", "'64' is not possible here, write 128 or 96")]
    [InlineData("esn = on", "'on' is not possible here, write yes or no or 1 or 0")]
    [InlineData("replay_window = 31", "'31' is out of range, write a whole number from 32 to 8192")]
    [InlineData("replay_window = 8193", "'8193' is out of range, write a whole number from 32 to 8192")]
    [InlineData("compat = yes", "'yes' is not possible here, write static-ipsec-nat-t")]
    [InlineData("keepalive = 2.5", "'2.5' is no time, write whole seconds from 1 to 86400, or no to turn it off")]
    [InlineData("keepalive = 86401", "'86401' is no time, write whole seconds from 1 to 86400, or no to turn it off")]
    [InlineData("dpd_interval = 10s", "'10s' is no time, write whole seconds from 1 to 86400, or no to turn it off")]
    [InlineData("dpd_misses = 0", "'0' is out of range, write a whole number from 1 to 100")]
    [InlineData("tun_name = natt0/1", "'natt0/1' is no interface name, write 1 to 15 letters, digits or -_. without blanks or slashes")]
    [InlineData("tun_name = ..", "'..' is no interface name, write 1 to 15 letters, digits or -_. without blanks or slashes")]
    [InlineData("tun_name = sixteen-letters.", "'sixteen-letters.' is no interface name, write 1 to 15 letters, digits or -_. without blanks or slashes")]
    [InlineData("local_default_if = a b", "'a b' is no interface name, write 1 to 15 letters, digits or -_. without blanks or slashes")]
    [InlineData("mtu = 575", "'575' is out of range, write a whole number from 576 to 65535")]
    [InlineData("state_dir = state", "'state' is no absolute path, write one from / on")]
    public void A_value_that_does_not_fit_is_refused_with_its_remedy(string line, string expected)
    {
        Assert.Equal([$"p.conf:6: {line[..line.IndexOf(' ')]}: {expected}"], ConfText.Problems(ConfText.Plus(line)));
    }

    [Fact]
    public void IPv6_inside_needs_an_MTU_of_1280()
    {
        string text = ConfText.Minimal.Replace("10.1.0.1", "fd77::1", StringComparison.Ordinal)
            .Replace("10.2.0.1", "fd77::2", StringComparison.Ordinal) + "\nmtu = 1279";

        Assert.Equal(["p.conf:6: mtu: '1279' is out of range, write a whole number from 1280 to 65535 (IPv6 inside needs 1280)"], ConfText.Problems(text));
    }

    [Theory]
    [InlineData("203.0.113.5")]
    [InlineData("2001:db8::5")]
    [InlineData("peer.example")]
    [InlineData("peer")]
    [InlineData("xn--bcher-kva.example")]
    [InlineData("1st.example")]
    public void The_peer_is_named_by_address_or_DNS_name(string written)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Plus($"remote_public_ip = {written}"));

        Assert.Equal(written, conf.RemoteHost);
    }

    [Theory]
    [InlineData("203.0.113")]
    [InlineData("203.0.113.256")]
    [InlineData("203.0.113.5:1100")]
    [InlineData("[2001:db8::5]")]
    [InlineData("2001:db8::5/64")]
    [InlineData("-peer.example")]
    [InlineData("peer..example")]
    [InlineData("peer example")]
    [InlineData("b\u00fccher.example")]
    [InlineData(".")]
    public void A_peer_named_by_neither_is_refused(string written)
    {
        Assert.Equal(
            [
                $"p.conf:6: remote_public_ip: '{written}' is neither an IP address nor a DNS name, " +
                "write one of them, without brackets, and the port as remote_port",
            ],
            ConfText.Problems(ConfText.Plus($"remote_public_ip = {written}")));
    }

    [Fact]
    public void Both_outer_addresses_are_of_one_IP_version()
    {
        Assert.Equal(
            [
                "p.conf:7: remote_public_ip: 2001:db8::5 cannot be reached from ori_local_public_ip 192.0.2.1 of the other IP version, " +
                "write both of one version, or leave ori_local_public_ip empty",
            ],
            ConfText.Problems(ConfText.Plus("ori_local_public_ip = 192.0.2.1", "remote_public_ip = 2001:db8::5")));
    }

    [Theory]
    [InlineData(
        "remote_ssh_port = 22\nremote_ssh_user = root\nremote_default_if = eth0",
        "info: p.conf:6: remote_ssh_port: not needed, nor is remote_ssh_user, nor is remote_default_if: natt-tun does not log in to the peer")]
    [InlineData("replay_window = 0", "warning: p.conf:6: replay_window: off, so replayed packets are not recognised")]
    [InlineData("compat = static-ipsec-nat-t", "info: p.conf:6: compat: as the kernel's default, replayed packets are not recognised")]
    [InlineData("nat_local_public_ip_online_get = no\nnat_local_public_ip = 198.51.100.7\nnat_local_port = 1100", null)]
    public void What_the_user_should_know_is_one_line(string lines, string? expected)
    {
        Assert.Equal(expected is null ? [] : [expected], ConfText.Notices(ConfText.Plus(lines)));
    }

    [Theory]
    [InlineData("/etc/natt-tun/conf.d/berlin.conf", "berlin")]
    [InlineData("berlin", "berlin")]
    [InlineData("a.b.conf", "a.b")]
    [InlineData("dir/.conf", ".conf")]
    public void A_peer_is_called_by_its_files_name(string file, string expected)
    {
        using PeerConf conf = ConfReader.Parse(file, System.Text.Encoding.UTF8.GetBytes(ConfText.Minimal)).Conf!;

        Assert.Equal(expected, conf.Name);
    }
}
