using NatT.EndToEnd.Tests.Lab;
using NatT.Interop.Tests.Kernel;

namespace NatT.Interop.Tests;

/// <summary>natt-tun against the ESP that Linux itself has.</summary>
public sealed class KernelXfrmTests
{
    [KernelEspFact]
    public void Kernel_and_natt_tun_ping_each_other()
    {
        var lab = NetworkLab.Direct();
        using var pair = new TunnelPair(lab);
        using var kernel = new KernelPeer(pair.B, pair.A.Inner, lab.OuterOfB.V4, lab.OuterOfA.V4);
        pair.With("espmode", "espinudp");
        pair.A.Start();
        pair.A.Process.WaitForLine("peer a is up");

        AssertPings(pair.A, pair.B);
        AssertPings(pair.B, pair.A);
    }

    private static void AssertPings(TestPeer from, TestPeer to)
    {
        foreach (string address in new[] { to.Inner.V4, to.Inner.V6 })
        {
            CommandResult ping = from.Ping(address, "-c", "5", "-W", "10", "-i", "0.05");
            bool isAnswered = ping.Output.Contains(" 5 received", StringComparison.Ordinal);
            Assert.True(isAnswered, $"{from.Name} to {to.Name}:\n{ping.Output}{ping.Error}");
        }
    }
}
