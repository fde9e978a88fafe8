using System.Collections.Immutable;
using System.Security.Cryptography;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>Confs made of the kernel's tunnels, or everything that is wrong with the text that describes them.</summary>
/// <remarks>Owns the confs with their keys.</remarks>
public sealed class XfrmImport : IDisposable
{
    private const string Options = "--inner-here and --inner-there";

    private XfrmImport(ImmutableArray<ImportedConf> confs, XfrmFindings findings)
    {
        Confs = confs;
        Problems = findings.Problems;
        Notices = findings.Notices;
    }

    /// <summary>One a tunnel; none where there are problems.</summary>
    public ImmutableArray<ImportedConf> Confs { get; }

    /// <summary>In the order of their lines.</summary>
    public ImmutableArray<ConfProblem> Problems { get; }

    /// <summary>What was left out, and what to look at: one line each.</summary>
    public ImmutableArray<string> Notices { get; }

    /// <summary>Reads what <c>ip -d xfrm state; ip xfrm policy</c> printed.</summary>
    /// <param name="file">What lines of complaint call the text.</param>
    /// <param name="octets">Its octets, which the caller wipes.</param>
    /// <param name="stateDirectory">For the confs; null: the default.</param>
    /// <param name="inner">For what is in transport mode, one tunnel at most; null: nothing may be.</param>
    public static XfrmImport Read(string file, ReadOnlyMemory<byte> octets, string? stateDirectory = null, InnerEnds? inner = null)
    {
        var findings = new XfrmFindings(file);
        (List<XfrmState> states, List<XfrmPolicy> policies) = XfrmReader.Read(octets, findings);
        var confs = new List<ImportedConf>();
        try
        {
            if (!findings.HasProblems)
            {
                IReadOnlyCollection<XfrmPair> pairs = XfrmPairing.Find(states, policies, findings);
                HashSet<XfrmPair> nameless = FindNameless([.. pairs.Where(pair => pair.IsTransport)], inner, findings);
                Compose([.. pairs.Where(pair => !nameless.Contains(pair))], stateDirectory, findings, confs);
            }
        }
        finally
        {
            states.ForEach(state => state.Dispose());
        }

        if (findings.HasProblems)
        {
            confs.ForEach(conf => conf.Dispose());
            confs.Clear();
        }

        return new XfrmImport([.. confs.OrderBy(conf => conf.Conf.Name, StringComparer.Ordinal)], findings);
    }

    public void Dispose()
    {
        foreach (ImportedConf conf in Confs)
        {
            conf.Dispose();
        }
    }

    /// <summary>Gives those in transport mode the addresses that they have inside; those that it cannot give any, and told so.</summary>
    private static HashSet<XfrmPair> FindNameless(XfrmPair[] pairs, InnerEnds? inner, XfrmFindings findings)
    {
        var nameless = new HashSet<XfrmPair>(ReferenceEqualityComparer.Instance);
        foreach (XfrmPair pair in pairs)
        {
            string? why = inner is not InnerEnds ends
                ? $"mode transport, which says nothing of addresses inside: add {Options}, one of this end's and one that the far end "
                    + "is to have"
                : pairs.Length > 1
                    ? $"one of {pairs.Length} in mode transport, and {Options} name the addresses of one: import one at a time"
                : ends.Here.IsIPv6 != ends.There.IsIPv6 || ends.Here.IsIPv6 != pair.Outbound.Source.IsIPv6
                    ? $"mode transport between addresses of IPv{(pair.Outbound.Source.IsIPv6 ? 6 : 4)}, and {Options} have to be of that "
                        + "version too"
                : null;
            if (why is null)
            {
                pair.Replace(inner!.Value);
            }
            else
            {
                findings.Refuse(pair.Outbound.Line, why);
                nameless.Add(pair);
            }
        }

        if (pairs.Length == 0 && inner is not null && !findings.HasProblems)
        {
            findings.Inform(1, $"nothing in mode transport, which {Options} are for");
        }

        return nameless;
    }

    private static void Compose(
        IReadOnlyCollection<XfrmPair> pairs, string? stateDirectory, XfrmFindings findings, List<ImportedConf> confs)
    {
        // One natt-tun listens on one address, or on all.
        IpAddress[] own = [.. pairs.Select(pair => pair.Outbound.Source).Distinct().Take(2)];
        IpAddress? bindAddress = own is [IpAddress only] ? only : null;
        Dictionary<string, int> uses = pairs.CountBy(pair => HostName(pair.Outbound.Destination)).ToDictionary();
        foreach (XfrmPair pair in pairs)
        {
            XfrmState outbound = pair.Outbound;
            string name = HostName(outbound.Destination);
            name = uses[name] == 1 ? name : $"{name}-{outbound.Spi:x8}";
            if (WhyNone(pair) is string why)
            {
                findings.Refuse(outbound.Line, why);
                continue;
            }

            if (pair.Inbound.ReplayWindow is > 0 and < 32)
            {
                findings.Inform(
                    pair.Inbound.Line, $"replay-window {pair.Inbound.ReplayWindow} becomes replay_window = 32, the smallest there is");
            }

            SecretText text = ImportedConfText.Compose(pair, bindAddress, stateDirectory);
            ConfResult result = Parse($"{name}.conf", text);
            if (!result.IsValid)
            {
                text.Dispose();
                foreach (ConfProblem problem in result.Problems)
                {
                    findings.Refuse(outbound.Line, $"makes no good conf: {problem.Key}: {problem.Text}");
                }

                continue;
            }

            confs.Add(new ImportedConf(result.Conf, text, new SequenceNumbers(outbound.LastSent, pair.Inbound.LastReceived)));
        }
    }

    private static string HostName(IpAddress address) => $"{address}".Replace(':', '-');

    /// <summary>Why natt-tun can have no such tunnel, or null.</summary>
    private static string? WhyNone(XfrmPair pair)
    {
        XfrmState inbound = pair.Inbound, outbound = pair.Outbound;
        string there = $"the state of the opposite direction, on line {inbound.Line},";
        return outbound.Algorithm != inbound.Algorithm ? $"{there} has another algorithm, and natt-tun has one for both; set up both alike"
            : outbound.IsExtended != inbound.IsExtended
                ? $"{there} differs in flag esn, and natt-tun has it for both or none; set up both alike"
            : outbound.Framing != inbound.Framing ? $"{there} has another encap, and natt-tun has one for both; set up both alike"
            : outbound.SourcePort != inbound.DestinationPort
                ? $"{there} has dport {inbound.DestinationPort}, and natt-tun receives on the port it sends from, {outbound.SourcePort}; "
                    + "set up both alike"
            : !outbound.IsExtended && SequenceNumbers.Beyond(outbound.LastSent) >= uint.MaxValue
                ? "its sequence numbers are nearly used up (oseq); set up the tunnel with new keys, by natt-tun keygen"
            : pair.FindUnselected() is (var local, var remote)
                ? $"no policy has src {local} dst {remote}, which a conf with the networks of the other policies would let through; "
                + "add that policy, or give each pair of networks states of its own"
            : null;
    }

    private static ConfResult Parse(string file, SecretText text)
    {
        // The reader unquotes in place, so it gets a copy.
        byte[] copy = GC.AllocateUninitializedArray<byte>(text.Octets.Length, pinned: true);
        try
        {
            text.Octets.CopyTo(copy);
            return ConfReader.Parse(file, copy);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(copy);
        }
    }
}
