using System.Text;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Interchange;

namespace NatT.Tunnel.Tests.Interchange;

public sealed class XfrmCommandsTests
{
    private static readonly OuterEnds Outer = new(IpAddress.Parse("192.0.2.1"), 1100, IpAddress.Parse("198.51.100.7"), 4501);

    [Fact]
    public void This_end_has_the_confs_own_directions()
    {
        string[] lines = Commands(TunnelEnd.This, default);

        Assert.Equal(
            $"xfrm state add src 192.0.2.1 dst 198.51.100.7 proto esp spi 0x00001001 reqid 8193 mode tunnel replay-window 1024 flag af-unspec"
            + $" enc cbc(aes) 0x{Repeated("22", 32)} auth-trunc hmac(sha256) 0x{Repeated("44", 32)} 128 encap espinudp 1100 4501 0.0.0.0",
            lines[0]);
        Assert.Equal(
            $"xfrm state add src 198.51.100.7 dst 192.0.2.1 proto esp spi 0x00002001 reqid 8193 mode tunnel replay-window 1024 flag af-unspec"
            + $" enc cbc(aes) 0x{Repeated("11", 32)} auth-trunc hmac(sha256) 0x{Repeated("33", 32)} 128 encap espinudp 4501 1100 0.0.0.0",
            lines[1]);
        Assert.Equal(
            [
                "xfrm policy add src 10.77.0.1/32 dst 10.77.0.2/32 dir out priority 0 tmpl src 192.0.2.1 dst 198.51.100.7 proto esp reqid 8193 mode tunnel",
                "xfrm policy add src 10.77.0.2/32 dst 10.77.0.1/32 dir in priority 0 tmpl src 198.51.100.7 dst 192.0.2.1 proto esp reqid 8193 mode tunnel",
            ],
            lines[2..4]);
    }

    [Fact]
    public void Far_end_has_the_opposite_directions()
    {
        string[] here = Commands(TunnelEnd.This, default);
        string[] far = Commands(TunnelEnd.Far, default);

        Assert.Equal(Key(here[0], "spi"), Key(far[1], "spi"));
        Assert.Equal(Key(here[1], "spi"), Key(far[0], "spi"));
        Assert.Equal(Key(here[0], "enc"), Key(far[1], "enc"));
        Assert.Equal(Key(here[0], "hmac(sha256)"), Key(far[1], "hmac(sha256)"));
        Assert.StartsWith("xfrm policy add src 10.77.0.2/32 dst 10.77.0.1/32 dir out", far[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_behind_the_end_are_forwarded_to()
    {
        string[] lines = Commands(TunnelEnd.This, default, ("local_private_ip", "10.1.0.0/24, fd01::/64"), ("remote_private_ip", "10.2.0.0/16, fd02::/48"));

        Assert.Equal(
            ["dir out", "dir in", "dir fwd", "dir out", "dir in", "dir fwd"],
            lines.Skip(2).Select(line => $"dir {Key(line, "dir")}"));
        Assert.Equal(["16", "16", "16", "80", "80", "80"], lines.Skip(2).Select(line => Key(line, "priority")));
    }

    /// <summary>None of ours may be used again, and none of what was received before be taken again.</summary>
    [Fact]
    public void Kernel_in_this_ends_place_goes_on_behind_our_numbers()
    {
        string[] lines = Commands(TunnelEnd.This, new SequenceNumbers(LastSent: 5000, LastReceived: 700));

        Assert.Equal("5000", Key(lines[0], "replay-oseq"));
        Assert.DoesNotContain("replay-seq", lines[0], StringComparison.Ordinal);

        // Of 700 + 1024 the window of 1024 begins at 701.
        Assert.Equal("1724", Key(lines[1], "replay-seq"));
        Assert.DoesNotContain("replay-oseq", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Kernel_in_the_far_ends_place_starts_above_all_that_it_may_have_sent()
    {
        string[] lines = Commands(TunnelEnd.Far, new SequenceNumbers(LastSent: 5000, LastReceived: 700));

        Assert.Equal($"{700 + 65_536}", Key(lines[0], "replay-oseq"));
        Assert.Equal($"{5000 + 1024}", Key(lines[1], "replay-seq"));
    }

    [Fact]
    public void Extended_numbers_have_their_high_halves()
    {
        string[] lines = Commands(
            TunnelEnd.This, new SequenceNumbers((7ul << 32) + 5, (9ul << 32) + uint.MaxValue - 1), ("esn", "yes"), ("replay_window", "64"));

        Assert.Contains(" replay-window 64 flag af-unspec esn replay-oseq 5 replay-oseq-hi 7 ", lines[0], StringComparison.Ordinal);
        Assert.Contains(" replay-seq 62 replay-seq-hi 10 ", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_window_no_number_is_known_to_be_old()
    {
        string[] lines = Commands(TunnelEnd.This, new SequenceNumbers(5000, 700), ("replay_window", "0"));

        Assert.All(lines[..2], line => Assert.DoesNotContain("replay-window", line, StringComparison.Ordinal));
        Assert.Equal("5000", Key(lines[0], "replay-oseq"));
        Assert.DoesNotContain("replay-seq", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_window_is_at_most_Linuxs_largest() =>
        Assert.All(Commands(TunnelEnd.This, default, ("replay_window", "8192"))[..2], line => Assert.Equal("4096", Key(line, "replay-window")));

    [Fact]
    public void Numbers_that_are_nearly_used_up_are_refused()
    {
        using PeerConf conf = Conf();
        var numbers = new SequenceNumbers(0, uint.MaxValue - 1000);

        Assert.NotNull(new XfrmCommands(conf, TunnelEnd.Far, Outer, UdpFraming.Rfc3948, numbers).WhyNone());
        Assert.Null(new XfrmCommands(conf, TunnelEnd.This, Outer, UdpFraming.Rfc3948, numbers).WhyNone());
    }

    /// <summary>What a kernel prints of them differs in layout alone.</summary>
    [Theory]
    [InlineData("aes-cbc-hmac-sha1", 32, 20, " auth-trunc hmac(sha1) 0x", " 96 encap ")]
    [InlineData("aes-cbc-hmac-sha384", 32, 48, " auth-trunc hmac(sha384) 0x", " 192 encap ")]
    [InlineData("aes-cbc-hmac-sha512", 32, 64, " auth-trunc hmac(sha512) 0x", " 256 encap ")]
    [InlineData("aes-gcm-16", 36, 0, " aead rfc4106(gcm(aes)) 0x", " 128 encap ")]
    [InlineData("chacha20-poly1305", 36, 0, " aead rfc7539esp(chacha20,poly1305) 0x", " 128 encap ")]
    public void Other_suites_have_the_kernels_names(string suite, int keyOctets, int authOctets, params string[] words)
    {
        string[] lines = Commands(
            TunnelEnd.This,
            default,
            ("suite", suite),
            ("enc_in", $"0x{Repeated("11", keyOctets)}"),
            ("enc_out", $"0x{Repeated("22", keyOctets)}"),
            ("auth_in", authOctets == 0 ? "" : $"0x{Repeated("33", authOctets)}"),
            ("auth_out", authOctets == 0 ? "" : $"0x{Repeated("44", authOctets)}"));

        Assert.All(words, word => Assert.Contains(word, lines[0], StringComparison.Ordinal));
        Assert.All(words, word => Assert.Contains(word, lines[1], StringComparison.Ordinal));
    }

    [Fact]
    public void Transport_mode_protects_what_is_between_the_outer_addresses_and_lets_the_datagrams_in()
    {
        using PeerConf conf = Conf(("mode", "transport"));
        Assert.Null(new XfrmCommands(conf, TunnelEnd.Far, Outer, UdpFraming.Rfc3948, default).WhyNone());
        string[] lines = Commands(TunnelEnd.Far, default, ("mode", "transport"), ("replay_window", "64"));

        Assert.All(lines[..2], line => Assert.Contains(" mode transport replay-window 64 enc ", line, StringComparison.Ordinal));
        Assert.Equal(
            [
                "xfrm policy add src 198.51.100.7 dst 192.0.2.1 dir out priority 10 tmpl src 198.51.100.7 dst 192.0.2.1 proto esp reqid 8193 mode transport",
                "xfrm policy add src 192.0.2.1 dst 198.51.100.7 dir in priority 10 tmpl src 192.0.2.1 dst 198.51.100.7 proto esp reqid 8193 mode transport",
                "xfrm policy add src 192.0.2.1 dst 198.51.100.7 proto udp dport 4501 dir in priority 1",
            ],
            lines[2..]);
    }

    [Fact]
    public void Keys_are_on_no_command_line()
    {
        using PeerConf conf = Conf();
        using var text = new SecretText();
        new XfrmCommands(conf, TunnelEnd.Far, Outer, UdpFraming.NonIke, default).Append(text);

        string script = Encoding.UTF8.GetString(text.Octets);

        string[] outside = script.Split("<<'END'\n")[0].Split('\n');
        Assert.All(outside, line => Assert.DoesNotContain(Repeated("22", 8), line, StringComparison.Ordinal));
        Assert.All(outside, line => Assert.InRange(line.Length, 0, 150));
        Assert.Contains("UDP_ENCAP = 1 (espinudp-nonike", script, StringComparison.Ordinal);
        Assert.Contains("ip address add 10.77.0.2/32 dev lo", script, StringComparison.Ordinal);
        Assert.EndsWith("\nEND\n", script, StringComparison.Ordinal);
    }

    internal static PeerConf Conf(params (string Key, string Value)[] changes)
    {
        var values = new Dictionary<string, string>
        {
            ["remote_public_ip"] = "198.51.100.7",
            ["remote_port"] = "4501",
            ["local_private_ip"] = "10.77.0.1",
            ["remote_private_ip"] = "10.77.0.2",
            ["spi_in"] = "0x2001",
            ["spi_out"] = "0x1001",
            ["enc_in"] = $"0x{Repeated("11", 32)}",
            ["enc_out"] = $"0x{Repeated("22", 32)}",
            ["auth_in"] = $"0x{Repeated("33", 32)}",
            ["auth_out"] = $"0x{Repeated("44", 32)}",
        };
        foreach ((string key, string value) in changes)
        {
            values[key] = value;
        }

        ConfResult result = ConfReader.Parse(
            "peer.conf", Encoding.UTF8.GetBytes(string.Concat(values.Select(entry => $"{entry.Key} = {entry.Value}\n"))));
        Assert.True(result.IsValid, string.Join('\n', result.Problems));
        return result.Conf;
    }

    internal static string Repeated(string digits, int count) => string.Concat(Enumerable.Repeat(digits, count));

    /// <summary>The lines for <c>ip -batch</c>.</summary>
    private static string[] Commands(TunnelEnd end, SequenceNumbers numbers, params (string Key, string Value)[] changes)
    {
        using PeerConf conf = Conf(changes);
        OuterEnds outer = end == TunnelEnd.This ? Outer : new OuterEnds(Outer.Peer, Outer.PeerPort, Outer.Own, Outer.OwnPort);
        using var text = new SecretText();
        new XfrmCommands(conf, end, outer, UdpFraming.Rfc3948, numbers).Append(text);
        return Encoding.UTF8.GetString(text.Octets).Split("<<'END'\n")[1].Split("\nEND\n")[0].Split('\n');
    }

    /// <summary>The word behind that one; behind the cipher's name, for keys.</summary>
    private static string Key(string line, string word)
    {
        string[] words = line.Split(' ');
        int index = Array.IndexOf(words, word);
        Assert.True(index >= 0, $"no {word} in {line}");
        return words[index + (word == "enc" ? 2 : 1)];
    }
}
