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
}
