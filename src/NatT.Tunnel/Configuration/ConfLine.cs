using System.Text;

namespace NatT.Tunnel.Configuration;

/// <summary>How a line about a conf file looks, with nothing in it that a terminal would obey.</summary>
internal static class ConfLine
{
    private const int MaxShownLength = 45;

    public static string Format(string file, int line, string? key, string text)
    {
        string place = Place(file, line);
        return key is null ? $"{place}: {text}" : $"{place}: {key}: {text}";
    }

    /// <summary><c>FILE:LINE</c>, or the file alone for line 0.</summary>
    public static string Place(string file, int line)
    {
        string shown = file.Length > 0 ? Printable(file) : "''";
        return line == 0 ? shown : $"{shown}:{line}";
    }

    /// <summary>The value in quotes, unless it is so long, or so like a key, that it had better not be repeated.</summary>
    public static string Quote(string value) =>
        value.Length > MaxShownLength || value.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? "this value"
            : $"'{Printable(value)}'";

    /// <summary>The path as a shell takes it.</summary>
    public static string ShellQuote(string path) =>
        path.Length > 0 && path.All(c => char.IsAsciiLetterOrDigit(c) || "_./-+,@%".Contains(c, StringComparison.Ordinal))
            ? path
            : $"'{Printable(path).Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Printable(string text)
    {
        if (text.All(c => c is >= ' ' and <= '~'))
        {
            return text;
        }

        var printable = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            printable.Append(IsPrintable(rune) ? rune.ToString() : "?");
        }

        return printable.ToString();
    }

    // Letters of any script pass; controls and invisible marks, which can reorder or hide text, do not.
    private static bool IsPrintable(Rune rune) =>
        rune.IsAscii ? rune.Value is >= ' ' and <= '~' : Rune.IsLetterOrDigit(rune);
}
