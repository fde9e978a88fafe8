namespace NatT.EndToEnd.Tests.Lab;

/// <summary>The tree that these tests were built in.</summary>
internal static class Repository
{
    public static string Folder { get; } = Find();

    /// <summary>The lines of the README's first sh block behind the marker.</summary>
    public static string ReadmeBlock(string marker)
    {
        string[] parts = File.ReadAllText(Path.Combine(Folder, "README.md")).Split($"<!-- {marker}: ");
        Assert.True(parts.Length == 2, $"the README has {parts.Length - 1} markers {marker}");
        return parts[1].Split("```sh\n")[1].Split("```")[0];
    }

    private static string Find()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "NatT.Userspace.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException("no NatT.Userspace.sln above the tests");
    }
}
