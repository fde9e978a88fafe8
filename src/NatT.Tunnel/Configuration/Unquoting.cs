namespace NatT.Tunnel.Configuration;

/// <summary>Takes the quotes, the comment and the outer blanks off what stands behind '=', in place, as sh would.</summary>
/// <remarks>In place, because a copy of a key would be one more thing to wipe.</remarks>
internal ref struct Unquoting(Span<byte> octets)
{
    private readonly Span<byte> _octets = octets;
    private int _read;
    private int _written;

    /// <summary>The value's length once the run is over; behind it lie only blanks.</summary>
    public int Length { get; private set; }

    /// <summary>Whether a blank stands between parts of the value outside quotes.</summary>
    public bool HasBareBlank { get; private set; }

    private static ReadOnlySpan<byte> Blanks => " \t\r"u8;

    /// <returns>What is wrong, or null.</returns>
    public string? Run()
    {
        while (_read < _octets.Length)
        {
            byte octet = _octets[_read];
            if (Blanks.Contains(octet))
            {
                SkipBlank(octet);
                continue;
            }

            if (octet == '#' && _read > 0 && Blanks.Contains(_octets[_read - 1]))
            {
                break;
            }

            HasBareBlank |= _written > Length;
            if (octet is (byte)'\'' or (byte)'"')
            {
                if (CopyQuoted(octet) is { } wrong)
                {
                    return wrong;
                }
            }
            else
            {
                _octets[_written++] = octet;
                _read++;
            }

            Length = _written;
        }

        return null;
    }

    // Blanks in front are dropped; those behind count only once something follows them.
    private void SkipBlank(byte octet)
    {
        _read++;
        if (Length > 0)
        {
            _octets[_written++] = octet;
        }
    }

    private string? CopyQuoted(byte quote)
    {
        bool isDouble = quote == '"';
        for (_read++; _read < _octets.Length; _read++)
        {
            byte octet = _octets[_read];
            if (octet == quote)
            {
                _read++;
                return null;
            }

            if (isDouble && octet is (byte)'$' or (byte)'`')
            {
                return $"{(char)octet} in double quotes, which sh would expand, use single quotes";
            }

            bool escapes = isDouble && octet == '\\' && _read + 1 < _octets.Length && "$`\"\\"u8.Contains(_octets[_read + 1]);
            _octets[_written++] = escapes ? _octets[++_read] : octet;
        }

        return $"quote not closed, add a {(char)quote} behind the value";
    }
}
