using NatT.EndToEnd.Tests.Lab;
using NatT.Interop.Tests.Link;

namespace NatT.Interop.Tests;

/// <summary>tshark decrypts a tunnel with what <c>natt-tun export wireshark</c> printed, put where it says, by the command it says.</summary>
public sealed class ExportedRowsTests
{
    private const string Pattern = "c0ffee04c0ffee04";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [NamespaceTheory]
    [InlineData("aes-cbc-hmac-sha256", 32)]
    [InlineData("aes-cbc-hmac-sha512", 64)]
    [InlineData("aes-gcm-16", 0)]
    public void A_capture_decrypts_with_the_exported_rows(string suite, int authenticationOctets)
    {
        var lab = NetworkLab.Direct();
        using var pair = new TunnelPair(lab);
        using var link = new ObservedLink(lab);
        using Capture capture = link.StartCapture();
        pair.With("espmode", "espinudp");
        _ = authenticationOctets == 0 ? pair.WithAead(suite) : pair.WithHmac(suite, authenticationOctets);
        pair.Start();
        CommandResult ping = pair.A.Ping(pair.B.Inner.V4, "-c", "3", "-i", "0.2", "-W", "10", "-p", Pattern);
        Assert.True(ping.Output.Contains(" icmp_seq=2 ", StringComparison.Ordinal), $"{ping.Output}\n{pair.A.Process.Log}");

        string[] lines = Export(pair.A).Split('\n');
        IReadOnlyList<string[]> frames = Read(capture.StopLate().PcapFile, lines);

        Assert.NotEmpty(frames);
        Assert.All(frames, frame => Assert.Equal("1", frame[0]));
        Assert.True(frames.Count(frame => frame[1].Contains(Pattern, StringComparison.Ordinal)) >= 4, string.Join('\n', frames.Select(frame => frame[1])));
    }

    /// <summary>By way of a file, whose mode is part of what is promised.</summary>
    private static string Export(TestPeer peer)
    {
        string file = Path.Combine(peer.StateDirectory, "esp_sa");
        peer.Ask("export", "wireshark", "--conf", peer.ConfFile, "--out", file).OutputOrFail();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        return File.ReadAllText(file);
    }

    private static List<string[]> Read(string pcapFile, string[] exported)
    {
        DirectoryInfo profile = Directory.CreateTempSubdirectory("natt-rows-");
        try
        {
            File.WriteAllLines(Path.Combine(profile.FullName, "esp_sa"), exported);
            string command = string.Join(' ', exported.Where(line => line.StartsWith("#   ", StringComparison.Ordinal)).Select(line => line[4..].TrimEnd('\\')))
                .Replace("=DIR ", $"={profile.FullName} ", StringComparison.Ordinal).Replace(" CAPTURE ", $" {pcapFile} ", StringComparison.Ordinal);
            string output = Command.Run(
                Limit, "sh", "-c", $"{command} -n -Y esp -T fields -E occurrence=f -e esp.icv_good -e data.data").OutputOrFail();
            return
            [
                .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
                    .Select(columns => new[] { columns[0] is "True" ? "1" : columns[0], columns[1] }),
            ];
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }
}
