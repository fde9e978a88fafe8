using System.Globalization;
using System.Text.RegularExpressions;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>A conf that <c>natt-tun export scripts</c> made runs.</summary>
public sealed class ExportScriptsTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [NamespaceFact]
    public void A_conf_exported_for_the_scripts_carries_the_same_tunnel()
    {
        using var pair = new TunnelPair();
        foreach (string key in new[] { "spi_in", "spi_out", "enc_in", "enc_out", "auth_in", "auth_out" })
        {
            pair.With(key, null);
        }

        pair.With("spi_id", "0xc0666a71").With("enc_aes", TunnelPair.RandomKey(24)).With("auth_sha256", TunnelPair.RandomKey(16))
            .With("compat", "static-ipsec-nat-t");
        (pair.A.Conf["local_private_ip"], pair.A.Conf["remote_private_ip"]) = (pair.A.Inner.V4, pair.B.Inner.V4);
        (pair.B.Conf["local_private_ip"], pair.B.Conf["remote_private_ip"]) = (pair.B.Inner.V4, pair.A.Inner.V4);
        pair.A.Conf.WriteTo(pair.A.ConfFile);

        string exported = pair.A.Ask("export", "scripts", "--conf", pair.A.ConfFile, "--here", "192.0.2.1").OutputOrFail();
        foreach (string key in new[] { "spi_id", "enc_aes", "auth_sha256" })
        {
            pair.A.Conf[key] = null;
        }

        foreach (string[] parts in exported.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)))
        {
            pair.A.Conf[parts[0]] = parts[1];
        }

        pair.A.Start();
        pair.B.Start();
        pair.A.Process.WaitForLine("peer a is up", Limit);
        pair.B.Process.WaitForLine("peer b is up", Limit);
        foreach ((TestPeer from, TestPeer to) in new[] { (pair.A, pair.B), (pair.B, pair.A) })
        {
            CommandResult ping = from.Ping(to.Inner.V4, "-c", "3", "-i", "0.2", "-W", "10");
            Assert.True(ping.Output.Contains(" icmp_seq=2 ", StringComparison.Ordinal), $"{ping.Output}\n{from.Process.Log}\n{to.Process.Log}");
        }

        AssertNumbersGoOn(pair.A);
    }

    /// <summary>A kernel in natt-tun's place may use no number again, which a running one would.</summary>
    private static void AssertNumbersGoOn(TestPeer peer)
    {
        string[] export = ["export", "xfrm", "--end", "this", "--conf", peer.ConfFile];

        CommandResult refused = peer.Ask(export);
        string status = peer.Ask("status", "--json").OutputOrFail();
        peer.Process.Stop();
        string script = peer.Ask(export).OutputOrFail();

        Assert.Equal(1, refused.ExitCode);
        Assert.Matches("^natt-tun export: natt-tun is running [^\n]+: stop it first, by natt-tun stop\n$", refused.Error);
        Assert.True(Number(script, " replay-oseq ([0-9]+) ") >= Number(status, "\"out\": {[^}]*\"last_number\": ([0-9]+)"), status);
    }

    private static ulong Number(string text, string pattern)
    {
        Match found = Regex.Match(text, pattern);
        Assert.True(found.Success, $"no {pattern}");
        return ulong.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture);
    }
}
