namespace NatT.EndToEnd.Tests.Lab;

/// <summary>Figures for the reader of a test run.</summary>
internal static class Measured
{
    public static void Print(FormattableString text) => Console.WriteLine($"  measured: {FormattableString.Invariant(text)}");
}
