using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

public class InnerNetworkTests
{
    private const string OwnKeys =
        """
        spi_id = 300
        enc_in = 0x000102030405060708090a0b0c0d0e0f
        enc_out = 0x101112131415161718191a1b1c1d1e1f
        auth = 0x202122232425262728292a2b2c2d2e2f
        """;

    private const string SharedKeys =
        """
        spi_id = 300
        enc_aes = 0x000102030405060708090a0b0c0d0e0f
        auth = 0x202122232425262728292a2b2c2d2e2f
        """;

    [Theory]
    [InlineData("10.1.0.1", "10.1.0.1/32", "10.1.0.1/32")]
    [InlineData("10.1.0.1/32", "10.1.0.1/32", "10.1.0.1/32")]
    [InlineData("10.1.0.1/24", "10.1.0.1/24", "10.1.0.0/24")]
    [InlineData("10.1.0.0/24", "", "10.1.0.0/24")]
    [InlineData("10.1.0.1/24, 10.1.3.0/24", "10.1.0.1/24", "10.1.0.0/24 10.1.3.0/24")]
    [InlineData("10.1.0.1 10.1.0.2\t10.1.0.3,,", "10.1.0.1/32 10.1.0.2/32 10.1.0.3/32", "10.1.0.1/32 10.1.0.2/32 10.1.0.3/32")]
    [InlineData("10.1.0.1/24,10.1.0.2/24,10.1.0.1/24", "10.1.0.1/24 10.1.0.2/24", "10.1.0.0/24")]
    [InlineData("10.1.0.1/31", "10.1.0.1/31", "10.1.0.0/31")]
    public void A_local_address_goes_on_the_device_and_its_network_into_the_selector(string written, string device, string selector)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.With("local_private_ip", $"local_private_ip = {written}"));

        Assert.Equal(device, string.Join(' ', conf.DeviceAddresses));
        Assert.Equal(selector, string.Join(' ', conf.Selector.Local));
    }

    [Theory]
    [InlineData("10.2.0.1", "10.2.0.1/32", "10.2.0.1")]
    [InlineData("10.2.0.9/24", "10.2.0.0/24", "10.2.0.9")]
    [InlineData("10.2.3.0/24 10.2.0.1", "10.2.3.0/24 10.2.0.1/32", "10.2.0.1")]
    [InlineData("10.2.0.7, 10.2.0.1", "10.2.0.7/32 10.2.0.1/32", "10.2.0.7")]
    public void The_first_remote_host_is_probed(string written, string selector, string target)
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.With("remote_private_ip", $"remote_private_ip = {written}"));

        Assert.Equal(selector, string.Join(' ', conf.Selector.Remote));
        Assert.Equal(IpAddress.Parse(target), conf.ProbeTarget);
        Assert.Equal(IpAddress.Parse("10.1.0.1"), conf.ProbeSource);
    }

    [Fact]
    public void IPv6_is_taken_like_IPv4()
    {
        using PeerConf conf = ConfText.ParseGood(
            $"local_private_ip = fd77::1/64\nremote_private_ip = fd78::/16 2001:db8::1\n{OwnKeys}");

        Assert.Equal("fd77::1/64", string.Join(' ', conf.DeviceAddresses));
        Assert.Equal("fd77::/64", string.Join(' ', conf.Selector.Local));
        Assert.Equal("2001:db8::1", conf.ProbeTarget.ToString());
    }

    [Fact]
    public void A_probe_goes_from_the_first_address_of_its_targets_family()
    {
        using PeerConf conf = ConfText.ParseGood(
            $"local_private_ip = fd77::1, 10.1.0.1, 10.1.0.2\nremote_private_ip = fd77::2 10.2.0.0/24\ndpd_target = 10.2.0.9\n{SharedKeys}");

        Assert.Equal(IpAddress.Parse("10.1.0.1"), conf.ProbeSource);
        Assert.Equal(IpAddress.Parse("10.2.0.9"), conf.ProbeTarget);
    }

    [Fact]
    public void Of_several_remote_hosts_one_that_can_be_probed_is_chosen()
    {
        using PeerConf conf = ConfText.ParseGood(
            $"local_private_ip = 10.1.0.0/24, fd77::1\nremote_private_ip = 10.2.0.1, fd77::2\n{SharedKeys}");

        Assert.Equal(IpAddress.Parse("fd77::1"), conf.ProbeSource);
        Assert.Equal(IpAddress.Parse("fd77::2"), conf.ProbeTarget);
    }

    [Theory]
    [InlineData(
        "10.1.0.1", "10.2.0.0/24",
        "warning: p.conf:2: remote_private_ip: no host address here to probe, so a dead peer goes unnoticed: " +
        "add dpd_target = an address of the peer inside the tunnel")]
    [InlineData(
        "10.1.0.0/24", "10.2.0.1",
        "warning: p.conf:1: local_private_ip: no address here to probe 10.2.0.1 from, so a dead peer goes unnoticed: " +
        "add one, such as 10.1.0.1/24 for the network 10.1.0.0/24")]
    public void Without_an_end_there_is_no_probe_but_a_warning(string local, string remote, string warning)
    {
        string text = $"local_private_ip = {local}\nremote_private_ip = {remote}\n{SharedKeys}";

        using PeerConf conf = ConfText.ParseGood(text);

        Assert.Null(conf.ProbeSource);
        Assert.Null(conf.ProbeTarget);
        Assert.Equal([warning], ConfText.Notices(text));
    }

    [Theory]
    [InlineData("10.1.0", "'10.1.0' is neither an address nor a network, write it like 10.1.0.1, 10.1.0.1/24 or fd00::/64")]
    [InlineData("host.example", "'host.example' is neither an address nor a network, write it like 10.1.0.1, 10.1.0.1/24 or fd00::/64")]
    [InlineData("fd77::1%eth0", "'fd77::1%eth0' is neither an address nor a network, write it like 10.1.0.1, 10.1.0.1/24 or fd00::/64")]
    [InlineData("10.1.0.1/33", "'10.1.0.1/33' has no valid prefix length, write one from 0 to 32 behind the slash")]
    [InlineData("10.1.0.1/", "'10.1.0.1/' has no valid prefix length, write one from 0 to 32 behind the slash")]
    [InlineData("10.1.0.1/255.255.255.0", "'10.1.0.1/255.255.255.0' has no valid prefix length, write one from 0 to 32 behind the slash")]
    [InlineData("fd77::1/129", "'fd77::1/129' has no valid prefix length, write one from 0 to 128 behind the slash")]
    [InlineData("fd77::1/64/64", "'fd77::1/64/64' has no valid prefix length, write one from 0 to 128 behind the slash")]
    [InlineData("127.0.0.1", "127.0.0.1 is a loopback address, write the addresses of hosts inside the tunnel")]
    [InlineData("0.0.0.0", "0.0.0.0 is no host's address, write the addresses of hosts inside the tunnel")]
    [InlineData("::", ":: is no host's address, write the addresses of hosts inside the tunnel")]
    [InlineData("224.0.0.0/4", "224.0.0.0/4 is a multicast address, write the addresses of hosts inside the tunnel")]
    [InlineData("ff02::1", "ff02::1 is a multicast address, write the addresses of hosts inside the tunnel")]
    [InlineData("255.255.255.255", "255.255.255.255 is a reserved address, write the addresses of hosts inside the tunnel")]
    [InlineData("10.1.0.255/24", "10.1.0.255/24 is the broadcast address of 10.1.0.0/24, write the addresses of hosts inside the tunnel")]
    [InlineData(",", "no address in this list, write at least one")]
    public void What_is_no_address_of_hosts_is_refused(string written, string expected)
    {
        Assert.Equal(
            [$"p.conf:1: local_private_ip: {expected}"],
            ConfText.Problems(ConfText.With("local_private_ip", $"local_private_ip = {written}")));
    }

    [Fact]
    public void Every_bad_item_of_a_list_is_told()
    {
        Assert.Equal(
            [
                "p.conf:1: local_private_ip: 'a' is neither an address nor a network, write it like 10.1.0.1, 10.1.0.1/24 or fd00::/64",
                "p.conf:1: local_private_ip: 'b' is neither an address nor a network, write it like 10.1.0.1, 10.1.0.1/24 or fd00::/64",
            ],
            ConfText.Problems(ConfText.With("local_private_ip", "local_private_ip = a, 10.1.0.1, b")));
    }

    [Theory]
    [InlineData(
        "10.1.0.1", "fd77::2",
        "p.conf:1: local_private_ip: no IPv6 here while remote_private_ip has it, add an IPv6 address or remove it there",
        "p.conf:2: remote_private_ip: no IPv4 here while local_private_ip has it, add an IPv4 address or remove it there")]
    [InlineData(
        "10.1.0.1 fd77::1", "10.2.0.1",
        "p.conf:2: remote_private_ip: no IPv6 here while local_private_ip has it, add an IPv6 address or remove it there")]
    public void Each_IP_version_needs_both_ends(string local, string remote, params string[] expected)
    {
        Assert.Equal(
            expected,
            ConfText.Problems($"local_private_ip = {local}\nremote_private_ip = {remote}\n{SharedKeys}").Where(line => line.Contains("while")));
    }

    [Fact]
    public void With_shared_keys_the_two_sides_must_not_meet()
    {
        Assert.Equal(
            [
                "p.conf:2: remote_private_ip: 10.1.0.2/32 meets 10.1.0.0/24 of local_private_ip, which takes keys of its own for each direction, " +
                "write ranges apart (bare addresses will do), or enc_in, enc_out, auth_in and auth_out",
            ],
            ConfText.Problems($"local_private_ip = 10.1.0.1/24\nremote_private_ip = 10.1.0.2\n{SharedKeys}"));
    }

    [Fact]
    public void Equal_keys_written_twice_are_shared_keys()
    {
        string twice = SharedKeys.Replace("enc_aes", "enc_in", StringComparison.Ordinal) + "\nenc_out = 0x000102030405060708090a0b0c0d0e0f";

        Assert.StartsWith(
            "p.conf:2: remote_private_ip: 10.1.0.2/32 meets 10.1.0.0/24",
            Assert.Single(ConfText.Problems($"local_private_ip = 10.1.0.1/24\nremote_private_ip = 10.1.0.2\n{twice}")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void With_keys_for_each_direction_meeting_sides_are_a_warning()
    {
        Assert.Equal(
            ["warning: p.conf:2: remote_private_ip: 10.1.0.2/32 meets 10.1.0.0/24 of local_private_ip: an address in both counts as the narrower one's"],
            ConfText.Notices($"local_private_ip = 10.1.0.1/24\nremote_private_ip = 10.1.0.2\n{OwnKeys}"));
    }

    [Theory]
    [InlineData(
        "10.1.0.1/24", "10.1.0.2/24",
        "p.conf:2: remote_private_ip: 10.1.0.0/24 meets 10.1.0.0/24 of local_private_ip, so no packet has a side to go to, " +
        "write ranges apart (bare addresses will do)")]
    [InlineData(
        "10.1.0.1", "10.1.0.1/24",
        "p.conf:2: remote_private_ip: 10.1.0.1 is in local_private_ip too, write the peer's own address")]
    public void The_same_range_or_address_on_both_sides_is_refused(string local, string remote, string expected)
    {
        Assert.Equal([expected], ConfText.Problems($"local_private_ip = {local}\nremote_private_ip = {remote}\n{OwnKeys}"));
    }

    [Theory]
    [InlineData("10.2.0.0/16")]
    [InlineData("0.0.0.0/0")]
    public void The_peers_own_address_may_not_be_routed_into_the_tunnel(string remote)
    {
        Assert.Equal(
            [
                "p.conf:2: remote_private_ip: holds remote_public_ip 10.2.0.5, so the tunnel would carry its own packets, " +
                "write networks that leave it out",
            ],
            ConfText.Problems($"local_private_ip = 10.1.0.1\nremote_private_ip = {remote}\nremote_public_ip = 10.2.0.5\n{OwnKeys}"));
    }

    [Fact]
    public void A_default_route_to_a_peer_of_unknown_address_is_a_warning()
    {
        Assert.Contains(
            "warning: p.conf:2: remote_private_ip: holds every address, the peer's own included: " +
            "without a host route to the peer the tunnel would carry its own packets",
            ConfText.Notices($"local_private_ip = 10.1.0.1\nremote_private_ip = 0.0.0.0/0\nremote_public_ip = peer.example\n{OwnKeys}"));
    }

    [Fact]
    public void The_outer_address_is_not_an_inner_one()
    {
        Assert.Equal(
            ["p.conf:1: local_private_ip: holds ori_local_public_ip 10.1.0.1, write an address of its own for the inside of the tunnel"],
            ConfText.Problems(ConfText.Plus("ori_local_public_ip = 10.1.0.1")));
    }

    [Theory]
    [InlineData("10.9.0.1", "10.9.0.1 is not the peer's, write an address within remote_private_ip")]
    [InlineData("peer", "'peer' is no IP address, write one such as 192.0.2.1 or 2001:db8::1")]
    [InlineData("224.0.0.1", "224.0.0.1 is a multicast address, write the address of one host")]
    public void A_probe_target_is_one_of_the_peers_addresses(string written, string expected)
    {
        Assert.Equal([$"p.conf:6: dpd_target: {expected}"], ConfText.Problems(ConfText.Plus($"dpd_target = {written}")));
    }
}
