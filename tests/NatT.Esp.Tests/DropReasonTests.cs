using System.Reflection;
using System.Text.RegularExpressions;

namespace NatT.Esp.Tests;

/// <summary>No packet dies of a reason that is undocumented or untested.</summary>
public sealed partial class DropReasonTests
{
    public static TheoryData<DropReason> Reasons => [.. Enum.GetValues<DropReason>().Except([DropReason.None])];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_has_a_row_in_the_readme_that_says_what_it_describes(DropReason reason)
    {
        string[] lines = File.ReadAllLines(Path.Combine(RepositoryRoot(), "README.md"));

        Assert.Contains(lines, line => line.Replace("`", "", StringComparison.Ordinal) == $"| {reason} | {DropReasons.Describe(reason)} |");
    }

    [Fact]
    public void The_readme_names_no_reason_twice() =>
        Assert.DoesNotContain(ReadmeRows().GroupBy(name => name), rows => rows.Count() > 1 && Enum.TryParse<DropReason>(rows.Key, out _));

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_is_produced_by_a_test(DropReason reason) =>
        Assert.True(
            ProducedHere().Contains(reason) || ProducedByTheTunnelsTests().Contains(reason),
            $"No test is marked [Produces(DropReason.{reason})].");

    private static IEnumerable<DropReason> ProducedHere() =>
        typeof(DropReasonTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttributes<FactAttribute>().Any())
            .SelectMany(method => method.GetCustomAttributes<ProducesAttribute>())
            .Select(produces => produces.Reason);

    /// <summary>Reasons born in the tunnel are tested there, in an assembly that this one does not see: its source tells.</summary>
    private static IEnumerable<DropReason> ProducedByTheTunnelsTests() =>
        Directory.EnumerateFiles(Path.Combine(RepositoryRoot(), "tests", "NatT.Tunnel.Tests"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => ProducesLine().Matches(File.ReadAllText(file)))
            .Select(match => Enum.Parse<DropReason>(match.Groups["reason"].Value));

    private static IEnumerable<string> ReadmeRows() =>
        File.ReadAllLines(Path.Combine(RepositoryRoot(), "README.md"))
            .Select(line => ReadmeRow().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups["name"].Value);

    private static string RepositoryRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "NatT.Userspace.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("These tests run from a build inside the repository.");
    }

    [GeneratedRegex(@"^\s*\[Produces\(DropReason\.(?<reason>\w+)\)\]", RegexOptions.Multiline)]
    private static partial Regex ProducesLine();

    [GeneratedRegex(@"^\| `(?<name>\w+)` \|")]
    private static partial Regex ReadmeRow();
}
