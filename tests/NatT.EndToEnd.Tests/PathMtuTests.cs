using System.Diagnostics;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>A link on the way that carries less than the interfaces of both ends, and whose router does not say so.</summary>
public sealed class PathMtuTests
{
    private const int LinkMtu = 1300;

    // 1300 less IPv4, UDP, ESP header, IV and ICV, down to whole blocks, less the trailer.
    private const int Carried = 1230;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [NamespaceFact]
    public void Behind_a_black_hole_the_longest_packets_are_found_and_TCP_flows()
    {
        using TunnelPair pair = new TunnelPair(NetworkLab.BlackHole(LinkMtu)).With("espmode", "espinudp").Start();
        foreach (TestPeer peer in new[] { pair.A, pair.B })
        {
            long foundAt = peer.Process.WaitForLine($"path to peer {peer.Name} carries packets of {Carried} octets", Limit);
            Measured.Print($"{peer.Name}: the path's MTU was found {Stopwatch.GetElapsedTime(peer.DeviceUpAt, foundAt).TotalSeconds:F1} s after the device was up");
        }

        CommandResult ping = pair.A.Ping(pair.B.Inner.V4, "-M", "do", "-s", "1372", "-c", "1");
        Assert.Contains($"Frag needed and DF set (mtu = {Carried})", ping.Output + ping.Error, StringComparison.Ordinal);

        // Without DF, fragments of either end carry it.
        string whole = pair.A.Ping(pair.B.Inner.V4, "-M", "dont", "-s", "1372", "-c", "3", "-i", "0.2").OutputOrFail();
        Assert.Contains(" 3 received", whole, StringComparison.Ordinal);

        IperfReport there = Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, 2);
        IperfReport back = Iperf.Tcp(pair.A, pair.B, pair.B.Inner.V4, 2, reverse: true);
        Measured.Print($"TCP through the black hole: {there.MbitPerSecond:F0} Mbit/s, back {back.MbitPerSecond:F0} Mbit/s");
        Assert.True(there.MbitPerSecond > 1, "no TCP");
        Assert.True(back.MbitPerSecond > 1, "no TCP back");
    }
}
