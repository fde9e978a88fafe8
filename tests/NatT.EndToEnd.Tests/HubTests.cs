using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>Many peers of one natt-tun.</summary>
public sealed class HubTests
{
    [NamespaceFact]
    public void All_pairs_of_a_hub_and_its_spokes_ping_each_other()
    {
        using HubLab lab = new HubLab().Start();
        (NetworkNamespace Host, HostAddresses Inner)[] ends =
            [(lab.Hub, HubLab.HubInner), .. lab.Spokes.Select(spoke => (spoke.Host, spoke.Inner))];

        foreach ((NetworkNamespace from, _) in ends)
        {
            foreach ((_, HostAddresses to) in ends.Where(end => end.Host != from))
            {
                AssertPing(lab, from, to.V4);
                AssertPing(lab, from, to.V6);
            }
        }

        Assert.Contains("2 peers", lab.HubProcess.Log, StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void A_spoke_that_is_gone_leaves_the_other_its_tunnel()
    {
        using HubLab lab = new HubLab().Start();
        lab.Spokes[0].Process.Kill();

        AssertPing(lab, lab.Spokes[1].Host, HubLab.HubInner.V4);
    }

    [NamespaceFact]
    public void A_hub_stops_cleanly_and_comes_back()
    {
        using HubLab lab = new HubLab().Start();
        lab.HubProcess.Stop();

        lab.Start();

        AssertPing(lab, lab.Spokes[0].Host, lab.Spokes[1].Inner.V4);
    }

    private static void AssertPing(HubLab lab, NetworkNamespace from, string address)
    {
        CommandResult ping = from.Run("ping", "-n", "-W", "2", "-c", "3", "-i", "0.2", address);
        Assert.True(
            ping.Output.Contains(" 3 received", StringComparison.Ordinal),
            $"{from.Name} to {address}:\n{ping.Output}{ping.Error}\nhub:\n{lab.HubProcess.Log}\n"
            + string.Join('\n', lab.Spokes.Select(spoke => $"{spoke.Name}:\n{spoke.Process.Log}")));
    }
}
