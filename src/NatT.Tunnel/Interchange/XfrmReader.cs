namespace NatT.Tunnel.Interchange;

/// <summary>Takes apart what <c>ip xfrm state</c> and <c>ip xfrm policy</c> print, one behind the other in any order.</summary>
internal static class XfrmReader
{
    /// <summary>All states and policies for a tunnel of natt-tun's kind; what is wrong is told to <paramref name="findings"/>.</summary>
    public static (List<XfrmState> States, List<XfrmPolicy> Policies) Read(ReadOnlyMemory<byte> octets, XfrmFindings findings)
    {
        var states = new List<XfrmState>();
        var policies = new List<XfrmPolicy>();
        foreach (XfrmEntry entry in SplitEntries(octets, findings).TakeWhile(_ => !findings.HasTooManyProblems))
        {
            if (entry.IsState)
            {
                if (new XfrmStateReader(entry, findings).Read() is XfrmState state)
                {
                    states.Add(state);
                }
            }
            else if (entry.IsPolicy)
            {
                if (new XfrmPolicyReader(entry, findings).Read() is XfrmPolicy policy)
                {
                    policies.Add(policy);
                }
            }
            else
            {
                findings.Refuse(
                    entry.First.Number, "neither a state nor a policy; paste what ip -d xfrm state and ip xfrm policy print, unchanged");
            }
        }

        return (states, policies);
    }

    private static List<XfrmEntry> SplitEntries(ReadOnlyMemory<byte> octets, XfrmFindings findings)
    {
        var entries = new List<XfrmEntry>();
        int start = 0;
        for (int number = 1; start < octets.Length && !findings.HasTooManyProblems; number++)
        {
            int length = octets.Span[start..].IndexOf((byte)'\n');
            length = length < 0 ? octets.Length - start : length;
            var line = new XfrmLine(octets.Slice(start, length), number);
            start += length + 1;
            if (line.Count == 0)
            {
                continue;
            }

            if (line.IsFirst)
            {
                entries.Add(new XfrmEntry(line));
            }
            else if (entries.Count > 0)
            {
                entries[^1].Rest.Add(line);
            }
            else
            {
                findings.Refuse(
                    number, "belongs to no state or policy; paste what ip -d xfrm state and ip xfrm policy print from its first line on");
            }
        }

        return entries;
    }
}
