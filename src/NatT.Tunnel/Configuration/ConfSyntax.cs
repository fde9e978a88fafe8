using System.Text;

namespace NatT.Tunnel.Configuration;

/// <summary>Splits a conf file's octets into entries.</summary>
/// <remarks>
/// <code>
/// key = value            blanks around '=' may be left out
/// # comment              a '#' at the start of a line, or behind a blank outside quotes
/// key = 'a b' "c \" d"   quotes as sh reads them, nothing expanded
/// key =                  empty: as if the line were not there
/// </code>
/// </remarks>
internal static class ConfSyntax
{
    /// <summary>Octets; room for hundreds of addresses.</summary>
    public const int MaxLineLength = 8192;

    private const int MaxShownKeyLength = 24;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads entries into the document, unquoting values in place; false where what they say is not worth a look.</summary>
    public static bool TryRead(Memory<byte> text, ConfDocument document)
    {
        if (IsBinary(text.Span, document))
        {
            return false;
        }

        if (text.Span.StartsWith(ByteOrderMark))
        {
            text = text[ByteOrderMark.Length..];
        }

        for (int number = 1; !text.IsEmpty; number++)
        {
            if (document.HasTooManyProblems)
            {
                document.RefuseFile("too many problems to go on, is this a conf file of natt-tun?");
                return false;
            }

            document.LastLine = number;
            int length = text.Span.IndexOf((byte)'\n');
            ReadLine(length < 0 ? text : text[..length], number, document);
            text = length < 0 ? default : text[(length + 1)..];
        }

        return true;
    }

    private static bool IsBinary(ReadOnlySpan<byte> text, ConfDocument document)
    {
        int line = 1;
        for (int i = 0; i < text.Length; i++)
        {
            byte octet = text[i];
            if (octet == '\n')
            {
                line++;
            }

            bool endsLine = octet == '\r' && (i + 1 == text.Length || text[i + 1] == '\n');
            if ((octet < ' ' && octet is not ((byte)'\n' or (byte)'\t') && !endsLine) || octet == 0x7F)
            {
                document.RefuseFile(
                    $"not plain text (octet 0x{octet:X2} on line {line}), save it as UTF-8 text with one key = value a line");
                return true;
            }
        }

        return false;
    }

    private static void ReadLine(Memory<byte> line, int number, ConfDocument document)
    {
        ReadOnlySpan<byte> octets = line.Span;
        if (octets.Length > MaxLineLength)
        {
            document.Refuse(number, null, $"longer than {MaxLineLength} octets, shorten or split it");
            return;
        }

        ReadOnlySpan<byte> content = octets.Trim(" \t\r"u8);
        if (content.IsEmpty || content[0] == '#')
        {
            return;
        }

        int equals = octets.IndexOf((byte)'=');
        ReadOnlySpan<byte> written = equals < 0 ? default : octets[..equals].Trim(" \t"u8);
        if (!IsName(written))
        {
            document.Refuse(number, null, "not of the form key = value, write it so or put a # in front");
            return;
        }

        string name = Encoding.ASCII.GetString(written);
        string? key = ConfKeys.Resolve(name);
        if (key is null)
        {
            RefuseUnknown(name, number, document);
            return;
        }

        Memory<byte> value = line[(equals + 1)..];
        var unquoting = new Unquoting(value.Span);
        if (unquoting.Run() is { } wrong)
        {
            document.RefuseUnreadable(number, key, name, wrong);
            return;
        }

        document.Add(new ConfEntry(key, name, number, value[..unquoting.Length], unquoting.HasBareBlank));
    }

    private static bool IsName(ReadOnlySpan<byte> name)
    {
        foreach (byte octet in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && octet is not ((byte)'_' or (byte)'-' or (byte)'.'))
            {
                return false;
            }
        }

        return !name.IsEmpty;
    }

    private static void RefuseUnknown(string name, int number, ConfDocument document)
    {
        (string nearest, int edits) = ConfKeys.Nearest(name);

        // A long name unlike ours may be half of a secret on the wrong line ("c2VjcmV0…=").
        string? shown = name.Length <= MaxShownKeyLength || edits <= name.Length / 4 ? name : null;
        document.Refuse(number, shown, $"unknown key, the nearest known one is {nearest}");
    }
}
