using NatT.Tunnel.Interchange;

namespace NatT.Tunnel.Tests.Interchange;

/// <summary>Each thing that natt-tun has no equal of, or that is no text of ip xfrm, is one line that names its place and a remedy.</summary>
public sealed class BadXfrmTests
{
    [Theory]
    [InlineData(2, "mode tunnel", "mode beet", "natt-tun has no mode 'beet', but tunnel and transport; leave")]
    [InlineData(2, "proto esp", "proto ah", "proto 'ah' is not esp")]
    [InlineData(2, "spi 0xc0666a70", "spi 0x7", "no usable spi; paste")]
    [InlineData(2, "reqid 3227937392", "reqid x", "no usable reqid; paste")]
    [InlineData(3, "replay-window 0", "replay-window ?", "no usable replay-window; paste")]
    [InlineData(4, "hmac(sha256)", "hmac(md5)", "natt-tun has no 'hmac(md5)', but enc cbc(aes) with auth hmac(sha1)")]
    [InlineData(4, " 96", " 160", "natt-tun has no hmac(sha256) with an ICV of 160 bits")]
    [InlineData(4, "0x8896ab", "<<Keys hidden>>", "the key is hidden; run ip -d xfrm state as root")]
    [InlineData(4, "0x8896ab", "0x889zab", "no key of 0x and hex digits; paste")]
    [InlineData(5, "cbc(aes)", "cbc(des3_ede)", "natt-tun has no 'cbc(des3_ede)', but")]
    [InlineData(5, "enc cbc(aes)", "aead rfc4309(ccm(aes))", "natt-tun has no 'rfc4309(ccm(aes))', but")]
    [InlineData(6, "espinudp-nonike", "espintcp", "natt-tun has no encap 'espintcp', but espinudp and espinudp-nonike")]
    [InlineData(6, "sport 1100", "sport 0", "no usable sport; paste")]
    [InlineData(7, "oseq 0x0", "oseq 0xz", "no usable sequence number; paste")]
    [InlineData(8, "src 0.0.0.0/0", "src 10.0.0.0/8", "a selector of the state itself")]
    [InlineData(7, "anti-replay context:", "if_id 0x5", "if_id is nothing that natt-tun has")]
    [InlineData(7, "anti-replay context:", "mark 0x5/0xff", "mark is nothing that natt-tun has")]
    [InlineData(7, "anti-replay context:", "surprise", "'surprise' is not understood; paste")]
    public void A_line_of_a_state_is_refused(int line, string old, string replacement, string complaint) =>
        AssertRefused(Edited(line, old, replacement), $"stdin:{line}: {complaint}");

    [Theory]
    [InlineData(17, "dst 10.1.0.1/32", "dst 10.1.0.1/33", "no src and dst with networks; paste")]
    [InlineData(17, "dst 10.1.0.1/32", "dst 10.1.0.1/32 proto udp", "a selector of more than addresses")]
    [InlineData(18, "dir out", "dir sideways", "no dir in or out; paste")]
    [InlineData(19, "src 203.0.113.5", "src 0.0.0.0", "no src and dst with addresses of hosts")]
    [InlineData(20, "mode tunnel", "mode beet", "proto 'esp' mode 'beet' is neither proto esp mode tunnel nor proto esp mode transport; leave")]
    [InlineData(20, "reqid 3227937392", "reqid ?", "no usable reqid or spi; paste")]
    public void A_line_of_a_policy_is_refused(int line, string old, string replacement, string complaint) =>
        AssertRefused(Edited(line, old, replacement), $"stdin:{line}: {complaint}");

    [Fact]
    public void What_is_no_state_and_no_policy_is_refused()
    {
        AssertRefused("Cannot send dump request: Operation not permitted\n", "stdin:1: neither a state nor a policy; paste");
        AssertRefused("\tproto esp spi 0x1000\n" + XfrmText.Small, "stdin:1: belongs to no state or policy; paste");
        AssertRefused("", "stdin:1: no tunnel in this text; it takes both: { ip -d xfrm state; ip xfrm policy; }");
    }

    [Fact]
    public void Half_a_tunnel_is_refused()
    {
        AssertRefused(XfrmText.Without(XfrmText.Small, 1, 8), "has no state src 203.0.113.5 dst 198.51.100.7 reqid 3227937392; add what ip -d xfrm state");
        AssertRefused(XfrmText.Without(XfrmText.Small, 9, 16), "has no state src 198.51.100.7 dst 203.0.113.5 reqid 3227937392; add what ip -d xfrm state");
        AssertRefused(XfrmText.Without(XfrmText.Small, 17, 20), "has no dir out policy of the opposite direction; add it");
        AssertRefused(XfrmText.Without(XfrmText.Small, 21, 24), "has no dir in policy of the opposite direction; add it");
        AssertRefused(XfrmText.Without(XfrmText.Small, 17, 24), "no tunnel in this text; it takes both");
    }

    [Fact]
    public void States_that_a_policy_does_not_tell_apart_are_refused() =>
        AssertRefused(
            string.Join('\n', XfrmText.Small.Split('\n')[..8]).Replace("0xc0666a70", "0xc0666a71", StringComparison.Ordinal) + "\n" + XfrmText.Small,
            "has several states src 203.0.113.5 dst 198.51.100.7 reqid 3227937392, on lines 1 and 9; leave those out that are no longer used");

    [Theory]
    [InlineData(12, " 96", " 128", "has another algorithm")]
    [InlineData(11, "replay-window 0", "replay-window 32 flag esn", "differs in flag esn")]
    [InlineData(14, "espinudp-nonike", "espinudp", "has another encap")]
    [InlineData(14, "dport 1100", "dport 1101", "has dport 1101, and natt-tun receives on the port it sends from")]
    public void Directions_that_differ_are_refused(int line, string old, string replacement, string complaint) =>
        AssertRefused(Edited(line, old, replacement), $"stdin:1: the state of the opposite direction, on line 9, {complaint}");

    [Fact]
    public void A_state_without_encap_is_refused() =>
        AssertRefused(XfrmText.Without(XfrmText.Small, 6, 6), "stdin:1: a state without encap, and natt-tun carries ESP in UDP alone");

    [Fact]
    public void Policies_that_lists_of_networks_cannot_say_are_refused()
    {
        string policies = string.Join('\n', XfrmText.Small.Split('\n')[16..24])
            .Replace("10.2.0.1/32", "10.4.0.0/24", StringComparison.Ordinal).Replace("10.1.0.1/32", "10.3.0.0/24", StringComparison.Ordinal);

        AssertRefused(XfrmText.Small + policies, "stdin:1: no policy has src 10.2.0.1/32 dst 10.3.0.0/24");
    }

    [Fact]
    public void A_tunnel_that_has_used_up_its_numbers_is_refused() =>
        AssertRefused(Edited(7, "oseq 0x0", "oseq 0xfffffff0"), "stdin:1: its sequence numbers are nearly used up (oseq)");

    [Fact]
    public void What_the_reader_of_confs_refuses_is_told_with_the_states_line() =>
        AssertRefused(
            XfrmText.Small.Replace("198.51.100.7", "224.0.0.7", StringComparison.Ordinal),
            "stdin:1: makes no good conf: remote_public_ip: 224.0.0.7 is a multicast address");

    [Fact]
    public void No_line_repeats_a_key()
    {
        foreach (int line in Enumerable.Range(1, 24))
        {
            string[] lines = XfrmText.Small.Split('\n');
            lines[line - 1] = new string([.. lines[line - 1].Reverse()]).Trim();

            using XfrmImport import = XfrmText.Read(string.Join('\n', lines));

            Assert.DoesNotContain(import.Problems, problem =>
                problem.Text.Contains("8896ab86", StringComparison.Ordinal) || problem.Text.Contains("ea892738", StringComparison.Ordinal)
                || problem.Text.Contains("90213db8", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_text_of_something_else_is_told_in_a_hundred_lines_at_most()
    {
        using XfrmImport import = XfrmText.Read(string.Concat(Enumerable.Repeat("nonsense\n", 5000)));

        Assert.Equal(100, import.Problems.Length);
    }

    private static string Edited(int line, string old, string replacement)
    {
        string[] lines = XfrmText.Small.Split('\n');
        Assert.Contains(old, lines[line - 1], StringComparison.Ordinal);
        lines[line - 1] = lines[line - 1].Replace(old, replacement, StringComparison.Ordinal);
        return string.Join('\n', lines);
    }

    private static void AssertRefused(string text, string complaint)
    {
        using XfrmImport import = XfrmText.Read(text);

        Assert.Empty(import.Confs);
        Assert.Contains(import.Problems, problem => $"{problem}".Contains(complaint, StringComparison.Ordinal));
        Assert.All(import.Problems, problem => Assert.Matches("^stdin:[0-9]+: [^\n]+(;|:) ?[^\n]+$", $"{problem}"));
    }
}
