using NatT.EndToEnd.Tests.Lab;

namespace NatT.Hostile.Tests;

/// <summary>
/// Of each behaviour: exactly the expected counters move, by exactly what was sent; what is to come out of the device does, octet for
/// octet; nothing else leaves natt-tun, and no line is logged; endpoint, framing, liveness and window are where they were; and an
/// authentic packet passes afterwards.
/// </summary>
public sealed class HostilePacketTests(HostileSession session) : IClassFixture<HostileSession>
{
    public static TheoryData<string> Behaviours => [.. AttackScript.Behaviours];

    [NamespaceTheory]
    [MemberData(nameof(Behaviours))]
    public void Nothing_but_its_counters_tells_of(string behaviour) => AssertHolds(session[behaviour]);

    [NamespaceFact]
    public void A_good_peer_loses_nothing_all_the_while() => AssertHolds(session[HostileSession.GoodPeer]);

    [Fact]
    public void The_readme_says_how_many_behaviours_are_tried() => Assert.Contains(
        $"{AttackScript.Behaviours.Count} behaviours", File.ReadAllText(Path.Combine(Repository.Folder, "README.md")), StringComparison.Ordinal);

    private static void AssertHolds(Verdict verdict) =>
        Assert.True(verdict.Problem is null, $"{verdict.Behaviour}: {verdict.Problem}\ncounted: {verdict.Counted}");
}
