using System.Text.RegularExpressions;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>Two ends that do not agree: the one that hears the other says in what, and what to change.</summary>
public sealed class MismatchTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    /// <summary>One natt-tun each for all the tunnels, each of which is spoilt in its own way; one more is not.</summary>
    [NamespaceFact]
    public void Each_mismatch_of_two_running_ends_is_named_with_its_remedy()
    {
        using var lab = new MismatchLab();
        Dictionary<string, string> lines = Spoil(lab);
        lab.Start();
        lab.ProcessOfA.WaitForLine("peer counter answers no probes: the replay window starts at the durable record instead", Limit);

        CommandResult check = CheckUntilSays(lab, lines.Values);

        Assert.Equal(1, check.ExitCode);
        Assert.Contains("ok: peer good answers at 192.0.2.2:1100\n", check.Output, StringComparison.Ordinal);

        // Of each cause one line a minute, whoever's it is.
        Assert.All(lines, line => Assert.True(
            lab.ProcessOfA.Says(line.Value) || line.Key is "auth" or "aead" or "esn" or "noesn", $"{line.Value}\nnot in:\n{lab.ProcessOfA.Log}"));
        Assert.True(lab.ProcessOfA.Says(lines["auth"]) || lab.ProcessOfA.Says(lines["aead"]));
        Assert.True(lab.ProcessOfA.Says(lines["esn"]) || lab.ProcessOfA.Says(lines["noesn"]));
        Assert.DoesNotMatch("(?m)^.*peer good (may|sends|has|is) .*$", lab.ProcessOfA.Log.Replace("peer good is up", "", StringComparison.Ordinal));
        AssertNamesRestarts(lab);
    }

    [NamespaceFact]
    public void Without_a_natt_tun_listening_ends_as_soon_as_the_peer_is_heard_and_sends_nothing()
    {
        using var pair = new TunnelPair();
        pair.B.Conf["dpd_interval"] = "1";
        pair.B.Launch().WaitForLine($"device {TestPeer.Device} is up", Limit);
        long before = pair.A.Host.Counter("Udp", "OutDatagrams");

        CommandResult check = Listen(pair, seconds: 100);

        Assert.Equal((0, ""), (check.ExitCode, check.Error));
        Assert.EndsWith(
            "note: listening on UDP [::]:1100 for 100 s, without answering\n"
            + "ok: peer a: authentic packets come from 192.0.2.2:1100; whether fresh ones, natt-tun asks once it runs\n"
            + "all is well\n",
            check.Output, StringComparison.Ordinal);
        Assert.Equal(before, pair.A.Host.Counter("Udp", "OutDatagrams"));
        Assert.False(Directory.Exists(pair.A.StateDirectory));
    }

    [NamespaceFact]
    public void Without_a_natt_tun_a_mismatch_is_a_problem()
    {
        using var pair = new TunnelPair();
        pair.B.Conf["dpd_interval"] = "1";
        pair.B.Conf["icv_bits"] = "96";
        pair.B.Launch().WaitForLine($"device {TestPeer.Device} is up", Limit);

        CommandResult check = Listen(pair, seconds: 10);

        Assert.Equal(1, check.ExitCode);
        Assert.Equal(
            "problem: peer a sends ICVs of 96 bits, and icv_bits here is 128: write icv_bits = 96 here, or 128 at its end\n", check.Error);
    }

    [NamespaceFact]
    public void Where_nothing_arrives_that_is_the_problem()
    {
        using var pair = new TunnelPair();

        CommandResult check = Listen(pair, seconds: 1);

        Assert.Equal(1, check.ExitCode);
        Assert.Equal(
            "problem: no datagram came to UDP [::]:1100 within 1 s: see that the far end runs, that it sends to an address and port of ours "
            + "(remote_public_ip and remote_port there), and that no firewall or NAT keeps UDP port 1100 from this machine\n",
            check.Error);
    }

    /// <summary>What a must say of each.</summary>
    private static Dictionary<string, string> Spoil(MismatchLab lab)
    {
        lab.Add("good");
        lab.Add("icv").OfB["icv_bits"] = "96";
        lab.Add("auth").OfB["auth_out"] = TunnelPair.RandomKey(32);
        lab.Add("enc").OfB["enc_out"] = TunnelPair.RandomKey(32);
        lab.Add("esn").OfB["esn"] = "yes";
        lab.Add("noesn").OfA["esn"] = "yes";
        lab.Add("selector").OfB["local_private_ip"] = "10.78.7.9";

        (PeerConfText keysOfA, PeerConfText keysOfB) = lab.Add("keys");
        foreach (string key in new[] { "enc_in", "enc_out", "auth_in", "auth_out" })
        {
            keysOfB[key] = keysOfA[key];
        }

        (PeerConfText spisOfA, PeerConfText spisOfB) = lab.Add("spis");
        (spisOfB["spi_in"], spisOfB["spi_out"]) = (spisOfA["spi_in"], spisOfA["spi_out"]);
        lab.Add("spi").OfB["spi_out"] = "0x0000c0a0";

        (PeerConfText aeadOfA, PeerConfText aeadOfB) = lab.Add("aead");
        (aeadOfA["suite"], aeadOfB["suite"]) = ("aes-gcm-16", "aes-gcm-16");
        TunnelPair.GiveAeadKey(aeadOfA, aeadOfB);
        TunnelPair.GiveAeadKey(aeadOfB, aeadOfA);
        aeadOfB["enc_out"] = TunnelPair.RandomKey(36);

        // As a kernel, which takes the framing of its SA and no other.
        (PeerConfText framingOfA, PeerConfText framingOfB) = lab.Add("framing");
        (framingOfA["espmode"], framingOfB["espmode"]) = ("espinudp", "espinudp-nonike");
        lab.DropAtB(framingOfA["spi_out"]!);

        // Nothing that asks it arrives, so nothing will decide what a lower number of it means.
        (PeerConfText counterOfA, PeerConfText counterOfB) = lab.Add("counter");
        (counterOfA["espmode"], counterOfB["espmode"]) = ("espinudp", "espinudp");
        lab.DropAtB(counterOfA["spi_out"]!);

        return new()
        {
            ["icv"] = "peer icv sends ICVs of 96 bits, and icv_bits here is 128: write icv_bits = 96 here, or 128 at its end",
            ["auth"] = "peer auth may have another key to authenticate with: no ICV from 192.0.2.2:1100 is right; "
                + "compare auth_in here with auth_out at its end, and suite",
            ["enc"] = "peer enc has our key to authenticate with, but another to encrypt with: its ICVs are right and its packets decrypt to "
                + "nonsense; compare enc_in here with enc_out at its end",
            ["esn"] = "peer esn has 64-bit sequence numbers, and esn here is no: write esn = yes here, or esn = no at its end",
            ["noesn"] = "peer noesn has 32-bit sequence numbers, and esn here is yes: write esn = no here, or esn = yes at its end",
            ["selector"] = "peer selector sends packets from 10.78.7.9 to 10.78.7.1, and remote_private_ip here does not hold 10.78.7.9: "
                + "add it here, or correct local_private_ip at its end",
            ["keys"] = "peer keys seals with the keys that are enc_out and auth_out here: swap the keys' _in and _out at one end",
            ["spis"] = "peer spis sends under SPI 0x0000a090, which is spi_out here: swap spi_in and spi_out at one end",
            ["aead"] = "peer aead may have another key or salt: no ICV from 192.0.2.2:1100 is right; compare enc_in here with enc_out at its end, "
                + "salt included, and suite",
            ["framing"] = "peer framing sends espinudp-nonike and answers no probe in espinudp, which it may not take: "
                + "write espmode = espinudp-nonike here, or auto",
            ["spi"] = "192.0.2.2:1100 sends under SPI 0x0000c0a0, which is spi_in of no conf here: if it is a peer, its spi_out may be wrong, "
                + "compare it with spi_in here",
        };
    }

    /// <summary>A counter that starts over is decided where an answer comes, and called undecidable where none can.</summary>
    private static void AssertNamesRestarts(MismatchLab lab)
    {
        // So far ahead that what comes after the restart stays behind for minutes.
        lab.HostB.Run("ping", "-n", "-q", "-c", "300", "-i", "0.005", "-W", "1", "-I", "10.78.13.2", "10.78.13.1");

        lab.RestartBWithoutRecords("good", "counter");

        lab.ProcessOfA.WaitForLine("peer good restarted its sequence numbers: a fresh answer moved the replay window back", Limit);
        lab.ProcessOfA.WaitForLine("peer counter may have restarted its sequence numbers", Limit);
        Assert.Matches(
            new Regex(
                "(?m)peer counter may have restarted its sequence numbers, or somebody replays old packets, the last numbered [0-9]+: undecidable, "
                + "as it answers no probe; let it answer pings from our inner address, and see that what we send reaches it$"),
            lab.ProcessOfA.Log);
    }

    private static CommandResult CheckUntilSays(MismatchLab lab, IEnumerable<string> lines)
    {
        CommandResult check = null!;
        Wait.Until(string.Join('\n', lines), Limit, () =>
        {
            check = MismatchLab.Verb(lab.HostA, "check", "--conf", lab.ConfsOfA, "--listen", "--seconds", "1");
            return lines.All(line => check.Error.Contains($"problem: {line}\n", StringComparison.Ordinal));
        });
        return check;
    }

    private static CommandResult Listen(TunnelPair pair, int seconds)
    {
        pair.A.Conf.WriteTo(pair.A.ConfFile);
        return pair.A.Host.Run(
            TimeSpan.FromSeconds(150), NattTunProcess.Executable, "check", "--conf", pair.A.ConfFile, "--listen", "--seconds", $"{seconds}");
    }
}
