using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>No packet vanishes: it arrives, or it is in a counter.</summary>
public sealed class LossTests
{
    [NamespaceFact]
    public void Of_a_paced_flow_of_200_Mbit_per_second_no_packet_is_lost_in_60_seconds()
    {
        using TunnelPair pair = UdpFlow.StartQuietPair();
        UdpFlow.Run(pair, seconds: 3, mbitPerSecond: 100);

        UdpFlow flow = UdpFlow.Run(pair, seconds: 60, mbitPerSecond: 200);

        Measured.Print($"{flow}");
        AssertAccountedFor(flow);
        Assert.True(flow.Sent == flow.Received, $"{flow}");

        // The sender of a busy machine falls behind its pace: no fault of the tunnel's.
        Assert.InRange(flow.MbitPerSecond, 100, 210);
    }

    [NamespaceFact]
    public void Of_more_than_the_tunnel_carries_every_packet_is_received_or_counted()
    {
        using TunnelPair pair = UdpFlow.StartQuietPair();

        UdpFlow flow = UdpFlow.Run(pair, seconds: 5, mbitPerSecond: null);

        Measured.Print($"{flow}");
        AssertAccountedFor(flow);
        Assert.True(flow.Received > 0, $"{flow}");
        Assert.True(flow.Sent > flow.Received, $"the tunnel carried it all: {flow}");
    }

    [NamespaceFact]
    public void What_the_kernel_refuses_to_send_does_not_count_as_sent()
    {
        using TunnelPair pair = UdpFlow.StartQuietPair();
        TunnelCounters before = TunnelCounters.Of(pair.A);
        pair.A.Host.Ip("route add unreachable 192.0.2.2/32");

        pair.A.Ping(pair.B.Inner.V4, "-c", "5", "-i", "0.02", "-W", "1");

        TunnelCounters counted = TunnelCounters.Of(pair.A).Since(before);
        Assert.Equal(0, counted.PacketsOut);
        Assert.Equal([KeyValuePair.Create("SendRefused", 5L)], counted.DropsOut);
    }

    /// <summary>Exactly, at each station.</summary>
    private static void AssertAccountedFor(UdpFlow flow)
    {
        const long ping = 1;
        long socketQueueFull = flow.B.DropsIn.GetValueOrDefault("SocketQueueFull");
        long dropsIn = flow.B.DropsIn.Values.Sum() - socketQueueFull;
        Assert.Equal(flow.Sent + ping, flow.A.PacketsOut + flow.A.DropsOut.Values.Sum());
        Assert.Equal(flow.A.PacketsOut, flow.B.PacketsIn + dropsIn + flow.B.Missing);
        Assert.Equal(flow.B.PacketsIn, flow.Received + flow.LostByReceiver + ping);

        // To these two merged datagrams are one: some are missing where, and only where, one of them says so.
        Assert.InRange(flow.B.Missing, socketQueueFull + flow.LostOnLink, long.MaxValue);
        Assert.Equal(flow.B.Missing > 0, socketQueueFull + flow.LostOnLink > 0);
        (long device, long socket) = flow.LostInQueues;
        Assert.Equal(device, flow.A.DropsOut.GetValueOrDefault("DeviceQueueFull"));
        Assert.Equal(socket, socketQueueFull + flow.LostByReceiver);
        Assert.Empty(flow.A.DropsIn);
        Assert.Empty(flow.B.DropsOut);
        Assert.Equal((ping, ping), (flow.A.PacketsIn, flow.B.PacketsOut));
        Assert.Equal(0, flow.A.Missing);
    }
}
