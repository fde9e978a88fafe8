using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.Kernel.Tests.Guest;

/// <summary>Pings of chosen sizes, each of which must bring back what was sent; see <c>echo.py</c>.</summary>
internal static class Echoes
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Guest", "echo.py");

    /// <param name="run">Runs a command where the source address is.</param>
    /// <param name="sizes">Octets of payload, as <c>0 100-200</c>.</param>
    public static CommandResult Run(Func<string[], CommandResult> run, string source, string destination, string sizes) =>
        run(["/usr/bin/python3", Script, source, destination, .. sizes.Split(' ')]);

    /// <summary>The same for many pairs in one go; of each, what was wrong, or null.</summary>
    /// <param name="file">For the pairs; may not be there yet.</param>
    public static IReadOnlyList<string?> RunAll(
        Func<string[], CommandResult> run, string file, IEnumerable<(string Source, string Destination)> pairs, string sizes)
    {
        File.WriteAllLines(file, pairs.Select(pair => $"{pair.Source} {pair.Destination} {sizes}"));
        return JsonSerializer.Deserialize<string?[]>(run(["/usr/bin/python3", Script, file]).OutputOrFail())!;
    }
}
