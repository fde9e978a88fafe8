using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Interchange;

/// <summary>Finds by their policies which states are the two directions of one tunnel, and which is which.</summary>
internal sealed class XfrmPairing
{
    private readonly XfrmFindings _findings;
    private readonly ILookup<(IpAddress, IpAddress), XfrmState> _states;
    private readonly ILookup<(IpPrefix, IpPrefix, IpAddress, IpAddress), XfrmPolicy> _inbound;
    private readonly List<XfrmPolicy> _policies;
    private readonly Dictionary<(XfrmState In, XfrmState Out), XfrmPair> _pairs = [];

    private XfrmPairing(List<XfrmState> states, List<XfrmPolicy> policies, XfrmFindings findings)
    {
        _findings = findings;
        _policies = policies;
        _states = states.ToLookup(state => (state.Source, state.Destination));
        _inbound = policies.Where(policy => !policy.IsOutbound)
            .ToLookup(policy => (policy.Source, policy.Destination, policy.OuterSource, policy.OuterDestination));
    }

    /// <summary>The tunnels; what is no half of one is told to <paramref name="findings"/>.</summary>
    public static IReadOnlyCollection<XfrmPair> Find(List<XfrmState> states, List<XfrmPolicy> policies, XfrmFindings findings)
    {
        var pairing = new XfrmPairing(states, policies, findings);
        pairing.Pair();
        pairing.TellOfRest(states);
        return pairing._pairs.Values;
    }

    private void Pair()
    {
        var used = new HashSet<XfrmPolicy>(ReferenceEqualityComparer.Instance);
        foreach (XfrmPolicy outbound in _policies.Where(policy => policy.IsOutbound))
        {
            XfrmPolicy? inbound = _inbound[(outbound.Destination, outbound.Source, outbound.OuterDestination, outbound.OuterSource)]
                .FirstOrDefault(policy => policy.IsTransport == outbound.IsTransport);
            if (inbound is null)
            {
                _findings.Refuse(outbound.Line, $"this policy, {outbound}, has no dir in policy of the opposite direction; "
                    + "add it to the kernel or to the text");
                continue;
            }

            used.Add(inbound);
            if (FindState(outbound) is XfrmState stateOut && FindState(inbound) is XfrmState stateIn)
            {
                PairOf(stateIn, stateOut).Add(outbound);
            }
        }

        foreach (XfrmPolicy alone in _policies.Where(policy => !policy.IsOutbound && !used.Contains(policy)))
        {
            _findings.Refuse(alone.Line, $"this policy, {alone}, has no dir out policy of the opposite direction; "
                + "add it to the kernel or to the text");
        }
    }

    private XfrmState? FindState(XfrmPolicy policy)
    {
        XfrmState[] fitting = [.. _states[(policy.OuterSource, policy.OuterDestination)].Where(policy.Takes)];
        string wanted = $"src {policy.OuterSource} dst {policy.OuterDestination}{(policy.IsTransport ? " mode transport" : "")}"
            + $"{(policy.RequestId == 0 ? "" : $" reqid {policy.RequestId}")}";
        switch (fitting)
        {
            case [XfrmState only]:
                return only;
            case []:
                _findings.Refuse(policy.Line, $"this policy, {policy}, has no state {wanted}; add what ip -d xfrm state prints of it");
                return null;
            default:
                _findings.Refuse(policy.Line, $"this policy, {policy}, has several states {wanted}, on lines "
                    + $"{string.Join(" and ", fitting.Select(state => state.Line))}; leave those out that are no longer used");
                return null;
        }
    }

    private XfrmPair PairOf(XfrmState inbound, XfrmState outbound)
    {
        if (!_pairs.TryGetValue((inbound, outbound), out XfrmPair? pair))
        {
            pair = new XfrmPair(inbound, outbound);
            _pairs.Add((inbound, outbound), pair);
        }

        return pair;
    }

    private void TellOfRest(List<XfrmState> states)
    {
        if (_findings.HasProblems)
        {
            return;
        }

        HashSet<XfrmState> paired = [.. _pairs.Keys.SelectMany(pair => new[] { pair.In, pair.Out })];
        foreach (XfrmState state in states.Where(state => !paired.Contains(state)))
        {
            _findings.Inform(state.Line, $"left out: no policy asks for this state, SPI 0x{state.Spi:x8}; "
                + "where it is needed, add what ip xfrm policy prints");
        }

        if (paired.Count == 0)
        {
            int line = states.Count == 0 ? 1 : states[0].Line;
            _findings.Refuse(line, "no tunnel in this text; it takes both: { ip -d xfrm state; ip xfrm policy; } | natt-tun import xfrm");
        }
    }
}
