using System.Text;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Tests.Configuration;

/// <summary>Conf files for tests: a good one, and ways to spoil it.</summary>
internal static class ConfText
{
    /// <summary>Five lines and the smallest conf there is.</summary>
    public const string Minimal =
        """
        local_private_ip = 10.1.0.1
        remote_private_ip = 10.2.0.1
        spi_id = 0x1234
        enc_aes = 0x000102030405060708090a0b0c0d0e0f
        auth = 0x101112131415161718191a1b1c1d1e1f
        """;

    public static ConfResult Parse(string text) => ConfReader.Parse("p.conf", Encoding.UTF8.GetBytes(text));

    /// <summary>The conf that must come out of the text; the caller disposes it.</summary>
    public static PeerConf ParseGood(string text)
    {
        ConfResult result = Parse(text);
        Assert.Empty(result.Problems.Select(problem => problem.ToString()));
        return result.Conf!;
    }

    public static string[] Problems(string text)
    {
        ConfResult result = Parse(text);
        result.Conf?.Dispose();
        return [.. result.Problems.Select(problem => problem.ToString())];
    }

    /// <summary>What a good conf's reader should know, "warning: " or "info: " in front.</summary>
    public static string[] Notices(string text)
    {
        using PeerConf conf = ParseGood(text);
        return [.. conf.Notices.Select(notice => (notice.IsWarning ? "warning: " : "info: ") + notice.Text)];
    }

    /// <summary>The minimal conf, the line that starts with the key replaced by the line given.</summary>
    public static string With(string key, string line) =>
        string.Join('\n', Minimal.Split('\n').Select(old => old.StartsWith(key + " ", StringComparison.Ordinal) ? line : old));

    /// <summary>The minimal conf and, from line 6, these lines.</summary>
    public static string Plus(params string[] lines) => Minimal + "\n" + string.Join('\n', lines);
}
