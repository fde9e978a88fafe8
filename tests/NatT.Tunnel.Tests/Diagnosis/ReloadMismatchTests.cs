using NatT.Esp;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.Configuration;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Diagnosis;

/// <summary>The diagnosis looks at the peers and keys there are at the time, while they change.</summary>
public sealed class ReloadMismatchTests
{
    private const string LacksNext =
        "peer p may have its next keys already: from 192.0.2.1:1100, where it is up, comes SPI 0x0000200a too, which is spi_in of no conf here; "
        + "give this end the next_ keys that go with them, if it lacks them, and reload";

    [Fact]
    public void An_end_that_was_not_reloaded_yet_is_told_so_once_and_never_that_its_SPIs_are_wrong()
    {
        using TunnelLab lab = Start();

        lab.A.Reload(Conf(isA: true, 1, next: 2));
        lab.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal([LacksNext], Lines(lab.B));
        lab.B.Reload(Conf(isA: false, 1, next: 2));
        lab.Advance(TimeSpan.FromSeconds(90));

        Assert.Equal([LacksNext], Lines(lab.B));
        Assert.Empty(Lines(lab.A));
        Assert.All([lab.A, lab.B], end => Assert.Null(end.Roster.Table.Peers[0].Rotation));
    }

    [Fact]
    public void A_stranger_during_a_rotation_is_still_a_stranger()
    {
        using TunnelLab lab = Start();
        lab.A.Reload(Conf(isA: true, 1, next: 2));

        lab.Network.Deliver(new Datagram(new(IpAddress.Parse("203.0.113.9"), 1100), EndConf.OuterA, [0x77, .. new byte[99]]));
        lab.Advance(TimeSpan.FromSeconds(1));

        Assert.StartsWith("203.0.113.9:1100 sends under SPI 0x77000000, which is spi_in of no conf here", Assert.Single(Lines(lab.A)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_SPI_from_where_another_peer_is_missing_is_a_wrong_one()
    {
        using TunnelLab lab = Start();
        PeerConf other = Conf(isA: true, 5) with { Name = "other", File = "other.conf", Selector = Conf(isA: true, 5, null, null, "10.9.0.1").Selector };
        lab.A.Reload(Conf(isA: true, 1), other);
        lab.Advance(TimeSpan.FromSeconds(1));

        lab.Network.Deliver(new Datagram(EndConf.OuterB, EndConf.OuterA, Octets(0x7777)));
        lab.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains(Lines(lab.A), line => line.StartsWith($"{EndConf.OuterB} sends under SPI 0x00007777, which is spi_in of no conf here", StringComparison.Ordinal));
    }

    [Fact]
    public void Next_keys_that_disagree_are_named_beside_the_present_ones_that_agree()
    {
        using TunnelLab lab = Start();
        lab.A.Reload(Conf(isA: true, 1, next: 2));
        lab.B.Reload(Conf(isA: false, 1, next: 2, nextAuthIn: new string('9', 32)));

        lab.Advance(TimeSpan.FromSeconds(20));

        Assert.Contains(
            "peer p may have another key to authenticate with: no ICV from 192.0.2.1:1100 is right; "
            + "compare auth_in here with auth_out at its end, and suite; it is about the next_ keys",
            Lines(lab.B));
        Assert.DoesNotContain(Lines(lab.B), line => line.Contains("may have its next keys already", StringComparison.Ordinal));
    }

    [Fact]
    public void Keys_that_ended_are_touched_no_more()
    {
        using TunnelLab lab = Start();
        Stranger(lab);
        Peer before = lab.A.Peer;
        lab.A.Reload(Conf(isA: true, 2));
        lab.B.Reload(Conf(isA: false, 2));
        lab.Advance(TimeSpan.FromSeconds(150));
        Assert.Null(lab.A.Roster.Table.FindBySpi(before.Inbound.Parameters.Spi));

        Stranger(lab);
        lab.Network.Passes = _ => false;
        lab.Advance(TimeSpan.FromSeconds(120));
        lab.Network.Deliver(new Datagram(EndConf.OuterB, EndConf.OuterA, Octets(0x200b)));
        lab.Advance(TimeSpan.FromSeconds(5));
        lab.Network.Deliver(new Datagram(EndConf.OuterB, EndConf.OuterA, Octets(0x100b)));
        lab.Advance(TimeSpan.FromSeconds(10));

        Assert.Contains(Lines(lab.A), line => line.StartsWith("peer p may have another key to authenticate with", StringComparison.Ordinal));
        Assert.Throws<ObjectDisposedException>(() => before.Inbound.Parameters.Key.Suite.IsAuthentic(Octets(0x100b), before.Inbound.Parameters.Key, 16, null));
    }

    [Fact]
    public void A_peer_that_was_added_is_known()
    {
        using TunnelLab lab = Start();
        Stranger(lab);
        PeerConf other = Conf(isA: true, 5) with { Name = "other", File = "other.conf", Selector = Conf(isA: true, 5, null, null, "10.9.0.1").Selector };
        lab.A.Reload(Conf(isA: true, 1), other);
        lab.Advance(TimeSpan.FromSeconds(1));

        lab.Network.Deliver(new Datagram(EndConf.OuterB, EndConf.OuterA, Octets(0x500b)));
        lab.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(1, lab.A.Roster.Table.Peers[1].InboundCounters.Drops(DropReason.IcvMismatch));
        Assert.Contains(Lines(lab.A), line => line.StartsWith("peer other may have another key", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_found_before_a_reload_is_forgotten_unless_it_is_found_again()
    {
        using TunnelLab lab = Start();
        Stranger(lab);
        Assert.Equal(nameof(MismatchCause.SpiUnknown), Assert.Single(lab.A.Diagnosis.Report()).Cause);

        lab.A.Reload(Conf(isA: true, 1, next: 2));
        Assert.Empty(lab.A.Diagnosis.Report());
        Stranger(lab);

        Assert.Single(lab.A.Diagnosis.Report());
    }

    private static TunnelLab Start()
    {
        var lab = new TunnelLab(Conf(isA: true, 1), Conf(isA: false, 1));
        lab.ExchangeProbes();
        return lab;
    }

    private static byte[] Octets(uint spi) => [0, 0, (byte)(spi >> 8), (byte)spi, 0, 0, 0, 1, .. new byte[16 + 64 + 16]];

    /// <summary>Its SPI is nobody's, so every key there is gets tried.</summary>
    private static void Stranger(TunnelLab lab)
    {
        lab.Advance(TimeSpan.FromSeconds(6));
        lab.Network.Deliver(new Datagram(new(IpAddress.Parse("203.0.113.9"), 1100), EndConf.OuterA, Octets(0x7777)));
        lab.Advance(TimeSpan.FromSeconds(1));
    }

    private static IReadOnlyList<string> Lines(TunnelEnd end) => end.Warnings;

    private static PeerConf Conf(bool isA, int keys, int? next = null, string? nextAuthIn = null, string? remote = null)
    {
        (string local, string other) = isA ? (EndConf.InnerA, EndConf.InnerB) : (EndConf.InnerB, EndConf.InnerA);
        string[] nextKeys = next is int number ? Keys("next_", isA, number, nextAuthIn) : [];
        return ConfText.ParseGood(
            $"""
            local_private_ip = {local}
            remote_private_ip = {remote ?? other}
            {string.Join('\n', [.. Keys("", isA, keys, null), .. nextKeys])}
            """);
    }

    /// <summary>SPI 0x100a is A's to send under, 0x100b B's.</summary>
    private static string[] Keys(string prefix, bool isA, int number, string? authIn)
    {
        (char own, char other) = isA ? ('a', 'b') : ('b', 'a');
        return
        [
            $"{prefix}spi_out = 0x{number}00{own}", $"{prefix}spi_in = 0x{number}00{other}",
            $"{prefix}enc_out = 0x{Key(number, own)}", $"{prefix}enc_in = 0x{Key(number, other)}",
            $"{prefix}auth_out = 0xe{Key(number, own)[1..]}", $"{prefix}auth_in = 0x{authIn ?? $"e{Key(number, other)[1..]}"}",
        ];
    }

    private static string Key(int number, char sender) => $"{number}{new string(sender, 30)}{number}";
}
