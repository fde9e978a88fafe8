using NatT.Tunnel.Configuration;

namespace NatT.Cli;

/// <summary>The files and folders of the command line.</summary>
internal sealed class ConfPaths(IEnumerable<string> paths) : IConfSource
{
    private readonly string[] _paths = [.. paths];

    public ConfSet Read() => ConfSet.Load(_paths, ConfFileAccess.Inspect);
}
