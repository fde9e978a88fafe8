using System.Globalization;
using System.Text;
using NatT.Esp.Associations;

namespace NatT.Tunnel.Interchange;

/// <summary>One line of what <c>ip xfrm</c> prints, in words; its octets are the reader's buffer.</summary>
internal sealed class XfrmLine
{
    private readonly ReadOnlyMemory<byte> _octets;
    private readonly Range[] _words;

    public XfrmLine(ReadOnlyMemory<byte> octets, int number)
    {
        _octets = octets;
        Number = number;
        _words = [.. Split(octets.Span)];
    }

    /// <summary>From 1.</summary>
    public int Number { get; }

    public int Count => _words.Length;

    /// <summary>Of an entry, which all lines below it belong to.</summary>
    public bool IsFirst => _octets.Length > 0 && _octets.Span[0] is not ((byte)' ' or (byte)'\t');

    /// <summary>The word, or nothing; never asked for a key.</summary>
    public string this[int index] => index < _words.Length ? Encoding.UTF8.GetString(_octets.Span[_words[index]]) : "";

    /// <summary>The word behind the first one that is <paramref name="name"/>; nothing where there is none.</summary>
    public string After(string name, int from = 0)
    {
        for (int i = from; i < _words.Length - 1; i++)
        {
            if (Is(i, name))
            {
                return this[i + 1];
            }
        }

        return "";
    }

    public bool Has(string name)
    {
        for (int i = 0; i < _words.Length; i++)
        {
            if (Is(i, name))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The octets behind 0x, or null where the word is no such key.</summary>
    public KeyMaterial? ReadKey(int index)
    {
        ReadOnlySpan<byte> word = index < _words.Length ? _octets.Span[_words[index]] : default;
        if (!word.StartsWith("0x"u8) || word.Length % 2 != 0)
        {
            return null;
        }

        byte[] octets = GC.AllocateUninitializedArray<byte>(word.Length / 2, pinned: true);
        try
        {
            return Convert.FromHexString(word[2..], octets, out _, out int length) == System.Buffers.OperationStatus.Done
                ? new KeyMaterial(octets.AsSpan(0, length))
                : null;
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(octets);
        }
    }

    /// <summary>A number in decimal, or in hexadecimal behind 0x; what <c>-s</c> adds in brackets does not count.</summary>
    public static bool TryParseNumber(string word, out uint number)
    {
        ReadOnlySpan<char> text = word.AsSpan().TrimEnd(',');
        int bracket = text.IndexOf('(');
        text = bracket < 0 ? text : text[..bracket];
        return text.StartsWith("0x", StringComparison.Ordinal)
            ? uint.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private bool Is(int index, string name) =>
        _octets.Span[_words[index]].Length == name.Length && Ascii.Equals(_octets.Span[_words[index]], name);

    private static List<Range> Split(ReadOnlySpan<byte> line)
    {
        var words = new List<Range>();
        int start = -1;
        for (int i = 0; i <= line.Length; i++)
        {
            bool isBlank = i == line.Length || line[i] is (byte)' ' or (byte)'\t' or (byte)'\r';
            if (isBlank && start >= 0)
            {
                words.Add(start..i);
                start = -1;
            }
            else if (!isBlank && start < 0)
            {
                start = i;
            }
        }

        return words;
    }
}
