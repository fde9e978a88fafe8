using System.Globalization;

namespace NatT.Cli;

/// <summary>Numbers as people read them: three digits and a unit.</summary>
internal static class Quantity
{
    private static readonly string[] Prefixes = ["", "k", "M", "G", "T", "P", "E"];

    /// <summary>For example <c>1.25 Mbit/s</c>.</summary>
    public static string BitRate(double bitsPerSecond) => Scaled(bitsPerSecond, "bit/s");

    /// <summary>For example <c>12.3 kB</c>.</summary>
    public static string Octets(long octets) => Scaled(octets, "B");

    /// <summary>For example <c>0.31 ms</c>.</summary>
    public static string Milliseconds(double milliseconds) => $"{ThreeDigits(milliseconds)} ms";

    /// <summary>For example <c>0.4 s</c>, <c>12 s</c>, <c>5 min 3 s</c>, <c>2 h 5 min</c> or <c>3 d 2 h</c>.</summary>
    public static string Span(double seconds)
    {
        if (seconds < 10)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
        }

        var span = TimeSpan.FromSeconds(seconds);
        return span switch
        {
            { TotalMinutes: < 1 } => $"{span.Seconds} s",
            { TotalHours: < 1 } => $"{span.Minutes} min {span.Seconds} s",
            { TotalDays: < 1 } => $"{span.Hours} h {span.Minutes} min",
            _ => $"{span.Days} d {span.Hours} h",
        };
    }

    private static string Scaled(double value, string unit)
    {
        int prefix = 0;
        while (value >= 999.5 && prefix < Prefixes.Length - 1)
        {
            value /= 1000;
            prefix++;
        }

        // There is no half a bit.
        string number = prefix == 0 ? value.ToString("0", CultureInfo.InvariantCulture) : ThreeDigits(value);
        return $"{number} {Prefixes[prefix]}{unit}";
    }

    private static string ThreeDigits(double value) =>
        value.ToString(value >= 99.95 ? "0" : value >= 9.995 ? "0.0" : "0.00", CultureInfo.InvariantCulture);
}
