using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Cli.Tests.BadInput;

/// <summary>
/// Values that are no good, each with the lines it draws, whole. They go through the reader in this process, as natt-tun's own main
/// function would hand them to it; <see cref="BadFileTests"/> and <see cref="BadArgumentTests"/> see what the process itself prints.
/// </summary>
public sealed class BadConfTests
{
    private static readonly string[] Good =
    [
        "local_private_ip = 10.77.0.1",
        "remote_private_ip = 10.77.0.2",
        "spi_in = 0x1001",
        "spi_out = 0x1002",
        "enc_in = 0x000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f",
        "enc_out = 0x101112131415161718191a1b1c1d1e1f101112131415161718191a1b1c1d1e1f",
        "auth_in = 0x202122232425262728292a2b2c2d2e2f202122232425262728292a2b2c2d2e2f",
        "auth_out = 0x303132333435363738393a3b3c3d3e3f303132333435363738393a3b3c3d3e3f",
    ];

    [Fact]
    public void Nothing_is_wrong_with_the_conf_that_each_case_spoils() => AssertProblems(Good);

    [Theory]
    [InlineData("replay_windw = 64", "p.conf:9: replay_windw: unknown key, the nearest known one is replay_window")]
    [InlineData("Remote_Private_IP = 10.0.0.1", "p.conf:9: Remote_Private_IP: unknown key, the nearest known one is remote_private_ip")]
    [InlineData("just words", "p.conf:9: not of the form key = value, write it so or put a # in front")]
    [InlineData("= 5", "p.conf:9: not of the form key = value, write it so or put a # in front")]
    [InlineData("key with blanks = 1", "p.conf:9: not of the form key = value, write it so or put a # in front")]
    [InlineData("mtu 1400", "p.conf:9: not of the form key = value, write it so or put a # in front")]
    [InlineData("[section]", "p.conf:9: not of the form key = value, write it so or put a # in front")]
    [InlineData("spi_in = 0x1003", "p.conf:9: spi_in: already given on line 3, remove one of the two")]
    [InlineData("remote_port = 0", "p.conf:9: remote_port: '0' is out of range, write a whole number from 1 to 65535")]
    [InlineData("remote_port = 70000", "p.conf:9: remote_port: '70000' is out of range, write a whole number from 1 to 65535")]
    [InlineData("ori_local_port = http", "p.conf:9: ori_local_port: 'http' is no whole number, write one from 1 to 65535")]
    [InlineData("ori_local_port = 01100",
        "p.conf:9: ori_local_port: '01100' begins with a zero, which some tools take for octal, leave it out")]
    [InlineData("ori_local_public_ip = 300.1.2.3",
        "p.conf:9: ori_local_public_ip: '300.1.2.3' is no IP address, write one such as 192.0.2.1 or 2001:db8::1")]
    [InlineData("ori_local_public_ip = 0.0.0.0",
        "p.conf:9: ori_local_public_ip: 0.0.0.0 is no host's address, write the address of one host")]
    [InlineData("ori_local_public_ip = 10.77.0.1",
        "p.conf:1: local_private_ip: holds ori_local_public_ip 10.77.0.1, write an address of its own for the inside of the tunnel")]
    [InlineData("remote_public_ip = 10.77.0.2",
        "p.conf:2: remote_private_ip: holds remote_public_ip 10.77.0.2, so the tunnel would carry its own packets, write networks "
        + "that leave it out")]
    [InlineData("remote_public_ip = 203.0.113.2:1100",
        "p.conf:9: remote_public_ip: '203.0.113.2:1100' is neither an IP address nor a DNS name, write one of them, without "
        + "brackets, and the port as remote_port")]
    [InlineData("remote_public_ip = [2001:db8::2]",
        "p.conf:9: remote_public_ip: '[2001:db8::2]' is neither an IP address nor a DNS name, write one of them, without "
        + "brackets, and the port as remote_port")]
    [InlineData("remote_public_ip = 1.2.3",
        "p.conf:9: remote_public_ip: '1.2.3' is neither an IP address nor a DNS name, write one of them, without brackets, and "
        + "the port as remote_port")]
    [InlineData("remote_public_ip = bad_name..example",
        "p.conf:9: remote_public_ip: 'bad_name..example' is neither an IP address nor a DNS name, write one of them, without "
        + "brackets, and the port as remote_port")]
    [InlineData("remote_public_ip = 224.0.0.1",
        "p.conf:9: remote_public_ip: 224.0.0.1 is a multicast address, write the peer's, or nothing to wait for the peer")]
    [InlineData("suite = rot13", "p.conf:9: suite: 'rot13' is not possible here, write aes-cbc-hmac-sha256 or aes-gcm-16 "
        + "or chacha20-poly1305 or aes-cbc-hmac-sha1 or aes-cbc-hmac-sha384 or aes-cbc-hmac-sha512")]
    [InlineData("suite = sha512", "p.conf:9: suite: 'sha512' is not possible here, write aes-cbc-hmac-sha256 or aes-gcm-16 "
        + "or chacha20-poly1305 or aes-cbc-hmac-sha1 or aes-cbc-hmac-sha384 or aes-cbc-hmac-sha512")]
    [InlineData("mode = tunel", "p.conf:9: mode: 'tunel' is not possible here, write tunnel or transport")]
    [InlineData("espmode = esp", "p.conf:9: espmode: 'esp' is not possible here, write auto or espinudp or espinudp-nonike")]
    [InlineData("icv_bits = 64", "p.conf:9: icv_bits: '64' is not possible here, write 128 or 96")]
    [InlineData("icv_bits = 256", "p.conf:9: icv_bits: '256' is not possible here, write 128 or 96")]
    [InlineData("esn = maybe", "p.conf:9: esn: 'maybe' is not possible here, write yes or no or 1 or 0")]
    [InlineData("replay_window = 31", "p.conf:9: replay_window: '31' is out of range, write a whole number from 32 to 8192")]
    [InlineData("replay_window = 10000", "p.conf:9: replay_window: '10000' is out of range, write a whole number from 32 to 8192")]
    [InlineData("replay_window = 64k", "p.conf:9: replay_window: '64k' is no whole number, write one from 32 to 8192")]
    [InlineData("compat = openvpn", "p.conf:9: compat: 'openvpn' is not possible here, write static-ipsec-nat-t")]
    [InlineData("keepalive = -1", "p.conf:9: keepalive: '-1' is no time, write whole seconds from 1 to 86400, or no to turn it off")]
    [InlineData("keepalive = 1d", "p.conf:9: keepalive: '1d' is no time, write whole seconds from 1 to 86400, or no to turn it off")]
    [InlineData("dpd_interval = 100000",
        "p.conf:9: dpd_interval: '100000' is no time, write whole seconds from 1 to 86400, or no to turn it off")]
    [InlineData("dpd_misses = 0", "p.conf:9: dpd_misses: '0' is out of range, write a whole number from 1 to 100")]
    [InlineData("dpd_target = 10.99.0.1", "p.conf:9: dpd_target: 10.99.0.1 is not the peer's, write an address within remote_private_ip")]
    [InlineData("dpd_target = peer", "p.conf:9: dpd_target: 'peer' is no IP address, write one such as 192.0.2.1 or 2001:db8::1")]
    [InlineData("tun_name = a-name-that-is-too-long",
        "p.conf:9: tun_name: 'a-name-that-is-too-long' is no interface name, write 1 to 15 letters, digits or -_. without blanks "
        + "or slashes")]
    [InlineData("tun_name = a/b",
        "p.conf:9: tun_name: 'a/b' is no interface name, write 1 to 15 letters, digits or -_. without blanks or slashes")]
    [InlineData("tun_name = natt%d",
        "p.conf:9: tun_name: 'natt%d' is no interface name, write 1 to 15 letters, digits or -_. without blanks or slashes")]
    [InlineData("mtu = 100", "p.conf:9: mtu: '100' is out of range, write a whole number from 576 to 65535")]
    [InlineData("mtu = 70000", "p.conf:9: mtu: '70000' is out of range, write a whole number from 576 to 65535")]
    [InlineData("mtu = auto", "p.conf:9: mtu: 'auto' is no whole number, write one from 576 to 65535")]
    [InlineData("state_dir = var/lib", "p.conf:9: state_dir: 'var/lib' is no absolute path, write one from / on")]
    [InlineData("tun_offload = off", "p.conf:9: tun_offload: 'off' is not possible here, write yes or no or 1 or 0")]
    [InlineData("workers = 0", "p.conf:9: workers: '0' is out of range, write a whole number from 1 to 16")]
    [InlineData("workers = 17", "p.conf:9: workers: '17' is out of range, write a whole number from 1 to 16")]
    [InlineData("workers = auto", "p.conf:9: workers: 'auto' is no whole number, write one from 1 to 16")]
    [InlineData("user = a b", "p.conf:9: user: 'a b' is no user's name, write 1 to 32 letters, digits or _-.")]
    [InlineData("user = -x", "p.conf:9: user: '-x' is no user's name, write 1 to 32 letters, digits or _-.")]
    [InlineData("user = root:x", "p.conf:9: user: 'root:x' is no user's name, write 1 to 32 letters, digits or _-.")]
    [InlineData("udp_offload = 2", "p.conf:9: udp_offload: '2' is not possible here, write yes or no or 1 or 0")]
    [InlineData("local_default_if = eth 0",
        "p.conf:9: local_default_if: 'eth 0' is no interface name, write 1 to 15 letters, digits or -_. without blanks or slashes")]
    [InlineData("nat_local_port = 99999", "p.conf:9: nat_local_port: '99999' is out of range, write a whole number from 1 to 65535")]
    [InlineData("remote_ssh_port = ssh", "p.conf:9: remote_ssh_port: 'ssh' is no whole number, write one from 1 to 65535")]
    [InlineData("mtu = \0", "p.conf: not plain text (octet 0x00 on line 9), save it as UTF-8 text with one key = value a line")]
    [InlineData("mtu = \u001b[31m", "p.conf: not plain text (octet 0x1B on line 9), save it as UTF-8 text with one key = value a line")]
    [InlineData("ori_local_port = 99999999999",
        "p.conf:9: ori_local_port: '99999999999' is out of range, write a whole number from 1 to 65535")]
    public void Line_that_should_not_be_there(string line, params string[] problems) => AssertProblems([.. Good, line], problems);

    [Theory]
    [InlineData("spi_in = 0", "p.conf:3: spi_in: 0 is reserved (RFC 4303 §2.1), write a number from 256 (0x100) to 0xffffffff")]
    [InlineData("spi_in = 255", "p.conf:3: spi_in: 255 is reserved (RFC 4303 §2.1), write a number from 256 (0x100) to 0xffffffff")]
    [InlineData("spi_in = 0x100000000",
        "p.conf:3: spi_in: no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    [InlineData("spi_in = -5",
        "p.conf:3: spi_in: no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    [InlineData("spi_in = 0007",
        "p.conf:3: spi_in: no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    [InlineData("spi_in = 0xfoo",
        "p.conf:3: spi_in: no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros")]
    [InlineData("enc_in = 0x000",
        "p.conf:5: enc_in: 3 hex digits, an odd number: add the missing one, or a 0 right behind 0x (0x0…) for what ip xfrm would read")]
    [InlineData("enc_in = 0x0011",
        "p.conf:5: enc_in: 2 octets, which AES has no use for, write 16, 24 or 32 (32, 48 or 64 hex digits behind 0x)")]
    [InlineData("enc_in = 0x00zz", "p.conf:5: enc_in: character 3 behind 0x is no hex digit, write 0-9 and a-f only")]
    [InlineData("enc_in = 0x", "p.conf:5: enc_in: no digits behind 0x, write the key there")]
    [InlineData("enc_in = 000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f",
        "p.conf:5: enc_in: 64 hex digits without 0x, which are taken as text, put 0x in front")]
    [InlineData("enc_in = secret",
        "p.conf:5: enc_in: 6 octets, which AES has no use for, write 16, 24 or 32 (32, 48 or 64 hex digits behind 0x)")]
    [InlineData("enc_in = 0x0011 2233",
        "p.conf:5: enc_in: a blank in the key, remove it, or put the key in quotes if the blank belongs to it")]
    [InlineData("enc_in = 'unclosed", "p.conf:5: enc_in: quote not closed, add a ' behind the value")]
    [InlineData("enc_in = \"$KEY\"", "p.conf:5: enc_in: $ in double quotes, which sh would expand, use single quotes")]
    [InlineData("auth_in = 0x123",
        "p.conf:7: auth_in: 3 hex digits, an odd number: add the missing one, or a 0 right behind 0x (0x0…) for what ip xfrm would read")]
    [InlineData("local_private_ip = 10.77.0.1/33",
        "p.conf:1: local_private_ip: '10.77.0.1/33' has no valid prefix length, write one from 0 to 32 behind the slash")]
    [InlineData("local_private_ip = 10.77.0.1/x",
        "p.conf:1: local_private_ip: '10.77.0.1/x' has no valid prefix length, write one from 0 to 32 behind the slash")]
    [InlineData("local_private_ip = 10.77.0.1/-1",
        "p.conf:1: local_private_ip: '10.77.0.1/-1' has no valid prefix length, write one from 0 to 32 behind the slash")]
    [InlineData("local_private_ip = fd77::1/129",
        "p.conf:1: local_private_ip: 'fd77::1/129' has no valid prefix length, write one from 0 to 128 behind the slash")]
    [InlineData("local_private_ip = 127.0.0.1",
        "p.conf:1: local_private_ip: 127.0.0.1 is a loopback address, write the addresses of hosts inside the tunnel")]
    [InlineData("local_private_ip = 10.77.0.255/24",
        "p.conf:1: local_private_ip: 10.77.0.255/24 is the broadcast address of 10.77.0.0/24, write the addresses of hosts inside "
        + "the tunnel")]
    [InlineData("local_private_ip = ,", "p.conf:1: local_private_ip: no address in this list, write at least one")]
    [InlineData("local_private_ip = fd77::1",
        "p.conf:1: local_private_ip: no IPv4 here while remote_private_ip has it, add an IPv4 address or remove it there",
        "p.conf:2: remote_private_ip: no IPv6 here while local_private_ip has it, add an IPv6 address or remove it there")]
    [InlineData("local_private_ip = 10.77.0.2",
        "p.conf:2: remote_private_ip: 10.77.0.2 is in local_private_ip too, write the peer's own address")]
    [InlineData("local_private_ip = ten",
        "p.conf:1: local_private_ip: 'ten' is neither an address nor a network, write it like 10.1.0.1, 10.1.0.1/24 or fd00::/64")]
    [InlineData("remote_private_ip = 10.77.0.0/24/24",
        "p.conf:2: remote_private_ip: '10.77.0.0/24/24' has no valid prefix length, write one from 0 to 32 behind the slash")]
    [InlineData("remote_private_ip = 0.0.0.0",
        "p.conf:2: remote_private_ip: 0.0.0.0 is no host's address, write the addresses of hosts inside the tunnel")]
    [InlineData("remote_private_ip = 10.77.0.1/32",
        "p.conf:2: remote_private_ip: 10.77.0.1 is in local_private_ip too, write the peer's own address")]
    public void Line_that_should_read_otherwise(string line, params string[] problems) =>
        AssertProblems([.. Good.Select(good => KeyOf(good) == KeyOf(line) ? line : good)], problems);

    [Theory]
    [InlineData("local_private_ip",
        "p.conf:7: local_private_ip: missing, write the address this end has inside the tunnel, such as 10.77.0.1")]
    [InlineData("remote_private_ip",
        "p.conf:7: remote_private_ip: missing, write the peer's address inside the tunnel, such as 10.77.0.2, or the networks behind it")]
    [InlineData("spi_in", "p.conf:7: spi_in: missing while spi_out is given, write both, or spi_id for both directions")]
    [InlineData("enc_in", "p.conf:7: enc_in: missing while enc_out is given, write both, or enc_aes for both directions")]
    [InlineData("auth_out", "p.conf:7: auth_out: missing while auth_in is given, write both, or auth for both directions")]
    public void Line_that_is_missing(string key, string problem) => AssertProblems([.. Good.Where(good => KeyOf(good) != key)], problem);

    private static string KeyOf(string line) => line.Split('=')[0].Trim();

    private static void AssertProblems(string[] lines, params string[] problems)
    {
        ConfResult result = ConfReader.Parse("p.conf", Encoding.UTF8.GetBytes(string.Join('\n', lines) + "\n"));
        result.Conf?.Dispose();
        Assert.Equal(problems, result.Problems.Select(problem => problem.ToString()));
    }
}
