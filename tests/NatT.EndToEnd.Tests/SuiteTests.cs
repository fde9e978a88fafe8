using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>Tunnels of other suites than the default.</summary>
public sealed class SuiteTests
{
    /// <summary>1500 - 20 IPv4 - 8 UDP - 8 non-IKE marker - 8 ESP - 8 IV - 16 ICV - 2 trailer, its 1432 a multiple of 4.</summary>
    private const string AeadMtu = "1430";

    private const int Kills = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [NamespaceTheory]
    [InlineData("aes-gcm-16")]
    [InlineData("chacha20-poly1305")]
    public void Ping_and_iperf3_pass_with_an_AEAD(string suite)
    {
        using TunnelPair pair = new TunnelPair().WithAead(suite).Start();
        AssertPass(pair, suite, AeadMtu);
    }

    /// <summary>Of 1500 octets 60 are headers, marker and IV, and the ICV; of what is left whole blocks of 16, less 2 of trailer.</summary>
    [NamespaceTheory]
    [InlineData("aes-cbc-hmac-sha1", 20, "1422")]
    [InlineData("aes-cbc-hmac-sha384", 48, "1406")]
    [InlineData("aes-cbc-hmac-sha512", 64, "1406")]
    public void Ping_and_iperf3_pass_with_another_hash(string suite, int keySize, string mtu)
    {
        using TunnelPair pair = new TunnelPair().WithHmac(suite, keySize).Start();
        AssertPass(pair, suite, mtu);
    }

    [NamespaceFact]
    public void One_hub_serves_peers_of_different_suites()
    {
        using HubLab lab = new HubLab().WithAead(0, "aes-gcm-16").WithAead(1, "chacha20-poly1305").Start();

        AssertPing(lab, lab.Hub, lab.Spokes[0].Inner.V4);
        AssertPing(lab, lab.Hub, lab.Spokes[1].Inner.V6);
        AssertPing(lab, lab.Spokes[0].Host, lab.Spokes[1].Inner.V4);
        Assert.Contains("suite aes-gcm-16: ", lab.HubProcess.Log, StringComparison.Ordinal);
        Assert.Contains("suite chacha20-poly1305: ", lab.HubProcess.Log, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void One_hub_serves_a_peer_of_an_AEAD_beside_one_of_the_default_suite()
    {
        using HubLab lab = new HubLab().WithAead(1, "aes-gcm-16").Start();

        AssertPing(lab, lab.Spokes[0].Host, lab.Spokes[1].Inner.V4);
        AssertPing(lab, lab.Spokes[1].Host, lab.Spokes[0].Inner.V6);
    }

    [NamespaceTheory]
    [InlineData("aes-gcm-16")]
    [InlineData("chacha20-poly1305")]
    public void No_IV_is_sent_twice_whoever_is_killed_and_however_old_a_record_is_restored(string suite)
    {
        // Each datagram a frame of its own: what is captured then is what an eavesdropper sees.
        using TunnelPair pair = new TunnelPair().With("espmode", "espinudp").With("udp_offload", "no").WithAead(suite);
        string journal = Path.Combine(pair.B.StateDirectory, "journal");
        using var capture = new Capture(pair.A.Host, NetworkLab.Outer, "udp port 1100");
        pair.Start();
        Send(pair);
        byte[] older = [];
        for (int kill = 0; kill < Kills; kill++)
        {
            pair.B.Process.Kill();
            older = kill == 1 ? File.ReadAllBytes(journal) : older;
            if (kill == Kills - 1)
            {
                File.WriteAllBytes(journal, older);
            }

            pair.B.Start();
            pair.B.Process.WaitForLine("peer b is up", Limit);
            Send(pair);
        }

        EspFrame[] frames = EspFrame.ReadAll(capture.Stop().PcapFile);
        Assert.True(frames.Length > 1000, $"{frames.Length} frames");
        Assert.Empty(frames.GroupBy(frame => (frame.Spi, frame.Iv)).Where(same => same.Count() > 1).Select(same => same.Key));

        // The record that was restored had numbers used again: random bits alone kept these apart.
        Assert.Contains(frames.GroupBy(frame => (frame.Spi, frame.SequenceNumber)), same => same.Count() > 1);
    }

    private static void AssertPass(TunnelPair pair, string suite, string mtu)
    {
        pair.AssertPings();

        IperfReport report = Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, seconds: 2);

        Measured.Print($"{suite}: {report.MbitPerSecond:F0} Mbit/s");
        Assert.True(report.MbitPerSecond > 0);
        Assert.Contains($"suite {suite}: ", pair.A.Process.Log, StringComparison.Ordinal);
        Assert.Single(pair.A.Process.Log.Split('\n'), line => line.Contains("suite aes-", StringComparison.Ordinal)
            || line.Contains("suite chacha20-", StringComparison.Ordinal));
        Assert.Contains($" {suite} ", pair.A.Ask("status").OutputOrFail(), StringComparison.Ordinal);
        Assert.Equal(mtu, pair.A.Host.Run("cat", $"/sys/class/net/{TestPeer.Device}/mtu").OutputOrFail().Trim());
    }

    private static void Send(TunnelPair pair) => pair.B.Ping(pair.A.Inner.V4, "-q", "-f", "-c", "200", "-w", "30").OutputOrFail();

    private static void AssertPing(HubLab lab, NetworkNamespace from, string address)
    {
        CommandResult ping = from.Run("ping", "-n", "-W", "2", "-c", "3", "-i", "0.2", address);
        Assert.True(
            ping.Output.Contains(" 3 received", StringComparison.Ordinal),
            $"{from.Name} to {address}:\n{ping.Output}{ping.Error}\nhub:\n{lab.HubProcess.Log}");
    }
}
