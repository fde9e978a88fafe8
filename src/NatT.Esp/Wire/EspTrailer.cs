namespace NatT.Esp.Wire;

/// <summary>Padding, pad length and next header, the last octets of an ESP packet's plaintext (RFC 4303 §2.4 to §2.6).</summary>
/// <remarks>
/// <code>
/// +---------------------------+------------+-------------+
/// | padding 1, 2, 3, … (0-255)| pad length | next header |
/// +---------------------------+------------+-------------+
/// </code>
/// </remarks>
public static class EspTrailer
{
    /// <summary>Octets behind the padding.</summary>
    public const int Size = 2;

    public const byte NextHeaderIPv4 = 4;
    public const byte NextHeaderIPv6 = 41;
    public const byte NextHeaderDummy = 59;

    /// <summary>Octets of plaintext that a body makes once padded: the next multiple of <paramref name="alignment"/>.</summary>
    /// <param name="bodyLength">Octets of inner packet.</param>
    /// <param name="alignment">The cipher's block, at least 4 octets.</param>
    public static int PaddedLength(int bodyLength, int alignment)
    {
        int unpadded = bodyLength + Size;
        return unpadded + (alignment - (unpadded % alignment)) % alignment;
    }

    /// <summary>Fills <paramref name="trailer"/>, all of the plaintext behind the body.</summary>
    public static void Write(Span<byte> trailer, byte nextHeader)
    {
        int padding = trailer.Length - Size;
        for (int i = 0; i < padding; i++)
        {
            trailer[i] = (byte)(i + 1);
        }

        trailer[padding] = (byte)padding;
        trailer[padding + 1] = nextHeader;
    }

    /// <summary>Reads the trailer at the end of <paramref name="plaintext"/>; false where the padding is not what senders must write.</summary>
    public static bool TryRead(ReadOnlySpan<byte> plaintext, out int bodyLength, out byte nextHeader)
    {
        nextHeader = plaintext[^1];
        int padding = plaintext[^2];
        bodyLength = plaintext.Length - Size - padding;
        if (bodyLength < 0)
        {
            return false;
        }

        for (int i = 0; i < padding; i++)
        {
            if (plaintext[bodyLength + i] != i + 1)
            {
                return false;
            }
        }

        return true;
    }
}
