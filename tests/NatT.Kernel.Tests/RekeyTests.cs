using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Rekeying;

namespace NatT.Kernel.Tests;

/// <summary>New keys for a tunnel whose other end is a kernel, by hand, while datagrams and pings go both ways.</summary>
public sealed class RekeyTests(RekeySession session) : IClassFixture<RekeySession>
{
    [KernelFact]
    public void Nothing_is_lost_where_natt_tun_is_reloaded_before_the_kernel_gets_its_new_SAs() =>
        AssertNothingLost("natt-tun-first", (peer, next) =>
        {
            Reload(peer);
            session.Guest.Ip(peer.AddNextInbound(next));
            session.AssertEchoes(peer);
            // It answers probes under the next keys by its old SA, and only what it sends tells natt-tun to move.
            Assert.Contains(("next", next["next_spi_in"]), session.Keys(peer));

            session.Guest.Ip(peer.AddNextOutbound(next));
            session.Guest.Ip(peer.DeleteFirstOutbound());
        });

    [KernelFact]
    public void Nothing_is_lost_where_the_kernel_gets_its_new_inbound_SA_before_natt_tun_is_reloaded() =>
        AssertNothingLost("kernel-first", (peer, next) =>
        {
            session.Guest.Ip(peer.AddNextInbound(next));
            session.AssertEchoes(peer);
            Reload(peer);
            session.AssertEchoes(peer);

            // This Linux goes by the newest SA, though the old one is there.
            session.Guest.Ip(peer.AddNextOutbound(next));
            session.AwaitMoveTo(peer, next["next_spi_in"]);
            session.Guest.Ip(peer.DeleteFirstOutbound());
        });

    [KernelFact]
    public void Nothing_is_lost_where_policies_name_the_SPI_and_the_kernel_gets_both_SAs_before_natt_tun_is_reloaded() =>
        AssertNothingLost("naming-spi", (peer, next) =>
        {
            session.Guest.Ip(peer.AddNextInbound(next));
            session.Guest.Ip(peer.AddNextOutbound(next));
            session.AssertEchoes(peer);
            Reload(peer);
            session.AssertEchoes(peer);
            Assert.Contains(("next", next["next_spi_in"]), session.Keys(peer));

            session.Guest.Ip(peer.NameNextOutbound(next));
            session.Guest.Ip(peer.DeleteFirstOutbound());
        });

    [KernelFact]
    public void What_the_kernel_sends_by_keys_that_natt_tun_has_yet_to_be_given_is_lost_until_the_reload()
    {
        RekeyedPeer peer = session.Await("too-early");
        IReadOnlyDictionary<string, string> next = session.GenerateNext(peer);
        long before = session.UnknownSpis();

        session.Guest.Ip(peer.AddNextInbound(next));
        session.Guest.Ip(peer.AddNextOutbound(next));
        Assert.False(session.PingsFromKernel(peer), session.Log);
        session.AwaitUnknownSpis(before);

        Reload(peer);
        session.AwaitMoveTo(peer, next["next_spi_in"]);
        session.AssertEchoes(peer);
    }

    /// <param name="name">The peer.</param>
    /// <param name="move">Takes its traffic to the next keys; the old inbound SA stays.</param>
    private void AssertNothingLost(string name, Action<RekeyedPeer, IReadOnlyDictionary<string, string>> move)
    {
        RekeyedPeer peer = session.Await(name);
        IReadOnlyDictionary<string, string> next = session.GenerateNext(peer);
        EchoFlow[] flows = session.StartFlows(peer);

        move(peer, next);
        session.AwaitMoveTo(peer, next["next_spi_in"]);
        // Behind what was under way when natt-tun moved.
        session.AssertEchoes(peer);
        session.Guest.Ip(peer.DeleteFirstInbound());
        session.Promote(peer);
        Assert.Equal("nothing has changed\n", session.Reload());
        session.AssertEchoes(peer);

        foreach ((int sent, int lost) in flows.Select(flow => flow.End()))
        {
            Measured.Print($"{name}: {sent} datagrams there and back, {lost} lost");
            Assert.True(sent > 0 && lost == 0, $"{lost} of {sent} datagrams lost\n{session.Log}");
        }

        session.AssertNoDrops(peer);
    }

    private void Reload(RekeyedPeer peer) =>
        Assert.Contains($"peer {peer.Name}: next keys", session.Reload(), StringComparison.Ordinal);
}
