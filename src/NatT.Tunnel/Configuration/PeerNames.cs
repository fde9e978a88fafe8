using System.Collections.Immutable;

namespace NatT.Tunnel.Configuration;

/// <summary>Names by which an operator can tell the peers of one natt-tun apart.</summary>
internal static class PeerNames
{
    private const string Extension = ".conf";

    /// <summary>The file's name without folder and <c>.conf</c>.</summary>
    public static string Of(string file)
    {
        string name = Path.GetFileName(file);
        return name.Length > Extension.Length && name.EndsWith(Extension, StringComparison.Ordinal) ? name[..^Extension.Length] : name;
    }

    /// <summary>Names that several files share get as many folders in front as it takes: <c>x/peer</c> and <c>y/peer</c>.</summary>
    public static ImmutableArray<PeerConf> MakeUnique(ImmutableArray<PeerConf> confs)
    {
        var unique = new Dictionary<PeerConf, string>(ReferenceEqualityComparer.Instance);
        foreach (IGrouping<string, PeerConf> namesakes in confs.GroupBy(conf => conf.Name).Where(group => group.Skip(1).Any()))
        {
            Distinguish([.. namesakes], unique);
        }

        return unique.Count == 0 ? confs : [.. confs.Select(conf => unique.TryGetValue(conf, out string? name) ? conf with { Name = name } : conf)];
    }

    private static void Distinguish(PeerConf[] namesakes, Dictionary<PeerConf, string> unique)
    {
        string[][] paths = [.. namesakes.Select(conf => Path.GetFullPath(conf.File).Split('/'))];
        for (int folders = 1; folders < paths.Max(path => path.Length) && namesakes.Any(conf => !unique.ContainsKey(conf)); folders++)
        {
            string[] names = [.. namesakes.Select((conf, i) => Of(conf.File, paths[i], folders))];
            Dictionary<string, int> uses = names.CountBy(name => name).ToDictionary();
            for (int i = 0; i < names.Length; i++)
            {
                if (uses[names[i]] == 1)
                {
                    unique.TryAdd(namesakes[i], names[i]);
                }
            }
        }

        // Beside each other, and only one has the extension.
        foreach (PeerConf conf in namesakes)
        {
            unique.TryAdd(conf, Path.GetFullPath(conf.File));
        }
    }

    private static string Of(string file, string[] path, int folders) =>
        string.Join('/', [.. path[Math.Max(0, path.Length - 1 - folders)..^1], Of(file)]);
}
