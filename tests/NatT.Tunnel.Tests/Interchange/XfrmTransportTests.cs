using System.Text;
using NatT.Crypto;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Interchange;

namespace NatT.Tunnel.Tests.Interchange;

/// <summary>States in transport mode, whose addresses inside only the user knows.</summary>
public sealed class XfrmTransportTests
{
    private static readonly InnerEnds Inner = new(IpAddress.Parse("10.79.0.1"), IpAddress.Parse("10.77.0.1"));

    [Fact]
    public void Transport_mode_of_the_kernel_becomes_a_conf_with_the_addresses_that_were_named()
    {
        using XfrmImport import = Read(Inner);

        Assert.Empty(import.Problems);
        PeerConf conf = Assert.Single(import.Confs).Conf;
        Assert.True(conf.IsTransport);
        Assert.Equal(("10.79.0.1/32", "10.77.0.1/32"), ($"{Assert.Single(conf.Selector.Local)}", $"{Assert.Single(conf.Selector.Remote)}"));
        Assert.Equal(("192.0.2.1", (ushort)1100, "192.0.2.150"), (conf.RemoteHost, conf.RemotePort, $"{conf.BindAddress}"));
        Assert.Equal((0x50000u, 0x60000u), (conf.Inbound.Spi, conf.Outbound.Spi));
        Assert.Equal((128, 1024, false, UdpFraming.Rfc3948), (conf.IcvBits, conf.ReplayWindow, conf.ExtendedSequenceNumbers, conf.Framing));
        Assert.Equal(XfrmText.KeyOf(XfrmText.Transport, "0x00060000", "enc"), Convert.ToHexStringLower(conf.Outbound.EncryptionKey.Octets));
        Assert.Equal(XfrmText.KeyOf(XfrmText.Transport, "0x00050000", "auth-trunc"), Convert.ToHexStringLower(conf.Inbound.AuthenticationKey.Octets));
    }

    [Fact]
    public void Export_for_this_end_says_again_what_was_imported()
    {
        using XfrmImport import = Read(Inner);
        PeerConf conf = Assert.Single(import.Confs).Conf;
        using var text = new SecretText();
        new XfrmCommands(
            conf, TunnelEnd.This, new(conf.BindAddress!.Value, 1100, IpAddress.Parse("192.0.2.1"), 1100), UdpFraming.Rfc3948, default).Append(text);

        string[] lines = [.. Encoding.UTF8.GetString(text.Octets).Split('\n').Where(line => line.StartsWith("xfrm ", StringComparison.Ordinal))];

        Assert.Contains(" src 192.0.2.150 dst 192.0.2.1 proto esp spi 0x00060000 ", lines[0], StringComparison.Ordinal);
        Assert.Contains(" src 192.0.2.1 dst 192.0.2.150 proto esp spi 0x00050000 ", lines[1], StringComparison.Ordinal);
        Assert.All(lines[..2], line => Assert.Contains(" mode transport replay-window 1024 ", line, StringComparison.Ordinal));
        Assert.StartsWith("xfrm policy add src 192.0.2.150 dst 192.0.2.1 dir out ", lines[2], StringComparison.Ordinal);
        Assert.Contains($" 0x{XfrmText.KeyOf(XfrmText.Transport, "0x00060000", "enc")} ", lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Policies_of_a_template_without_addresses_ask_for_the_states_of_their_own()
    {
        using XfrmImport import = Read(
            Inner,
            XfrmText.Transport.Replace("tmpl src 192.0.2.150 dst 192.0.2.1", "tmpl src 0.0.0.0 dst 0.0.0.0", StringComparison.Ordinal)
                .Replace("tmpl src 192.0.2.1 dst 192.0.2.150", "tmpl src 0.0.0.0 dst 0.0.0.0", StringComparison.Ordinal));

        Assert.Empty(import.Problems);
        Assert.Single(import.Confs);
    }

    [Fact]
    public void Selectors_of_the_states_own_addresses_are_taken()
    {
        int state = XfrmText.Transport.IndexOf("sel src 0.0.0.0/0 dst 0.0.0.0/0", StringComparison.Ordinal);
        string text = XfrmText.Transport.Remove(state, 31).Insert(state, "sel src 192.0.2.150/32 dst 192.0.2.1/32");

        using XfrmImport import = Read(Inner, text);

        Assert.Empty(import.Problems);
    }

    [Fact]
    public void Tunnel_mode_beside_it_is_imported_as_ever()
    {
        using XfrmImport import = Read(Inner, XfrmText.Transport + XfrmText.Small);

        Assert.Empty(import.Problems);
        Assert.Equal([true, false], import.Confs.Select(imported => imported.Conf.IsTransport));
    }

    [Fact]
    public void Without_names_for_the_addresses_inside_the_options_are_asked_for()
    {
        using XfrmImport import = Read(inner: null);

        Assert.Empty(import.Confs);
        Assert.Equal(
            "stdin:1: mode transport, which says nothing of addresses inside: add --inner-here and --inner-there, one of this end's and one "
            + "that the far end is to have",
            $"{Assert.Single(import.Problems)}");
    }

    [Fact]
    public void Two_tunnels_in_transport_mode_are_imported_one_at_a_time()
    {
        string other = XfrmText.Transport.Replace("192.0.2.150", "192.0.2.151", StringComparison.Ordinal)
            .Replace("spi 0x000", "spi 0x001", StringComparison.Ordinal);
        using XfrmImport import = Read(Inner, XfrmText.Transport + other);

        Assert.Equal(2, import.Problems.Length);
        Assert.Equal(
            "stdin:1: one of 2 in mode transport, and --inner-here and --inner-there name the addresses of one: import one at a time",
            $"{import.Problems[0]}");
    }

    [Fact]
    public void Addresses_inside_have_the_IP_version_of_those_outside()
    {
        using XfrmImport import = Read(new InnerEnds(IpAddress.Parse("fd00::1"), IpAddress.Parse("fd00::2")));

        Assert.Equal(
            "stdin:1: mode transport between addresses of IPv4, and --inner-here and --inner-there have to be of that version too",
            $"{Assert.Single(import.Problems)}");
    }

    [Fact]
    public void Names_that_nothing_needs_are_said_to_be_so()
    {
        using XfrmImport import = Read(Inner, XfrmText.Small);

        Assert.Equal("stdin:1: nothing in mode transport, which --inner-here and --inner-there are for", Assert.Single(import.Notices));
        Assert.False(Assert.Single(import.Confs).Conf.IsTransport);
    }

    [Theory]
    [InlineData("src 192.0.2.150/32 dst 192.0.2.1/32 \n", "src 192.0.2.0/24 dst 192.0.2.1/32 \n",
        "transport mode between other addresses than 192.0.2.150 and 192.0.2.1, its states' own; leave")]
    [InlineData("\t\tproto esp reqid 393216 mode transport", "\t\tproto esp reqid 393216 mode tunnel", "has no state src 192.0.2.150 dst 192.0.2.1")]
    public void What_does_not_fit_together_is_refused(string old, string replacement, string complaint)
    {
        Assert.Contains(old, XfrmText.Transport, StringComparison.Ordinal);
        using XfrmImport import = Read(Inner, XfrmText.Transport.Replace(old, replacement, StringComparison.Ordinal));

        Assert.Empty(import.Confs);
        Assert.Contains(import.Problems, problem => $"{problem}".Contains(complaint, StringComparison.Ordinal));
    }

    private static XfrmImport Read(InnerEnds? inner, string? text = null) =>
        XfrmImport.Read("stdin", Encoding.UTF8.GetBytes(text ?? XfrmText.Transport), inner: inner);
}
