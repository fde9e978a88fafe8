using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace NatT.Tunnel.Configuration;

/// <summary>Either a conf that can be run, or everything that is wrong with the file.</summary>
public sealed class ConfResult
{
    internal ConfResult(PeerConf conf) => Conf = conf;

    internal ConfResult(ImmutableArray<ConfProblem> problems) => Problems = problems;

    /// <summary>The caller disposes it.</summary>
    public PeerConf? Conf { get; }

    /// <summary>In the order of their lines; empty where there is a conf.</summary>
    public ImmutableArray<ConfProblem> Problems { get; } = [];

    [MemberNotNullWhen(true, nameof(Conf))]
    public bool IsValid => Conf is not null;
}
