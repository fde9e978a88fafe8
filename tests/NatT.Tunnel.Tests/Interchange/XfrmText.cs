using System.Text;
using NatT.Tunnel.Interchange;

namespace NatT.Tunnel.Tests.Interchange;

/// <summary>What <c>ip -d xfrm state; ip xfrm policy</c> printed on Linux 6.1, iproute2 6.1, and edits of it.</summary>
internal static class XfrmText
{
    /// <summary>13 tunnels of every algorithm, framing, outer IP version and kind of window.</summary>
    public static string OfLinux { get; } = Text("linux-6.1-tunnels.txt");

    /// <summary>One in transport mode, at the end that <c>natt-tun export xfrm</c> was for.</summary>
    public static string Transport { get; } = Text("linux-6.1-transport.txt");

    /// <summary>The smallest tunnel: two states, two policies, of the scripts' kind.</summary>
    public const string Small =
        """
        src 203.0.113.5 dst 198.51.100.7
        	proto esp spi 0xc0666a70 reqid 3227937392 mode tunnel
        	replay-window 0 
        	auth-trunc hmac(sha256) 0x8896ab8654cd9875e214a978bd31209e 96
        	enc cbc(aes) 0xea89273861739abc9e0d527ad98462108365289dcb1a6737
        	encap type espinudp-nonike sport 1100 dport 1100 addr 0.0.0.0
        	anti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000
        	sel src 0.0.0.0/0 dst 0.0.0.0/0 
        src 198.51.100.7 dst 203.0.113.5
        	proto esp spi 0xc0666a70 reqid 3227937392 mode tunnel
        	replay-window 0 
        	auth-trunc hmac(sha256) 0x8896ab8654cd9875e214a978bd31209e 96
        	enc cbc(aes) 0xea89273861739abc9e0d527ad98462108365289dcb1a6737
        	encap type espinudp-nonike sport 1100 dport 1100 addr 0.0.0.0
        	anti-replay context: seq 0x0, oseq 0x0, bitmap 0x00000000
        	sel src 0.0.0.0/0 dst 0.0.0.0/0 
        src 10.2.0.1/32 dst 10.1.0.1/32 
        	dir out priority 0 ptype main 
        	tmpl src 203.0.113.5 dst 198.51.100.7
        		proto esp reqid 3227937392 mode tunnel
        src 10.1.0.1/32 dst 10.2.0.1/32 
        	dir in priority 0 ptype main 
        	tmpl src 198.51.100.7 dst 203.0.113.5
        		proto esp reqid 3227937392 mode tunnel

        """;

    private static string Text(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Interchange", file));

    public static XfrmImport Read(string text) => XfrmImport.Read("stdin", Encoding.UTF8.GetBytes(text));

    /// <summary>The text without the lines from one to another, counted from 1.</summary>
    public static string Without(string text, int first, int last)
    {
        string[] lines = text.Split('\n');
        return string.Join('\n', [.. lines[..(first - 1)], .. lines[last..]]);
    }

    /// <summary>The key of the state with that SPI, behind 0x.</summary>
    public static string KeyOf(string text, string spi, string word)
    {
        string state = text.Split($"spi {spi} ")[1].Split("\nsrc ")[0];
        return state.Split('\n').Select(line => line.Split(' ')).First(words => words[0] == $"\t{word}")[2][2..];
    }
}
