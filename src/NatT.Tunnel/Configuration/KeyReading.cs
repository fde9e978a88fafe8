using System.Security.Cryptography;
using NatT.Crypto;
using NatT.Esp.Associations;

namespace NatT.Tunnel.Configuration;

/// <summary>Reads keys as <c>ip xfrm</c> does: 0x and hex digits, or else the text's own octets.</summary>
/// <remarks>No text about a key repeats any of it.</remarks>
internal static class KeyReading
{
    private const int MaxKeyLength = 512;
    private const int ShortHmacKeyLength = 16;

    /// <summary>A key for AES-128, -192 or -256, or null.</summary>
    public static KeyMaterial? ReadAes(ConfDocument document, ConfEntry entry) =>
        Read(document, entry, (key, wasText) =>
        {
            if (key.Length is 16 or 24 or 32)
            {
                return true;
            }

            bool lacksPrefix = wasText && key.Length is 48 or 64 && IsHex(key);
            document.Refuse(entry, lacksPrefix
                ? $"{key.Length} hex digits without 0x, which are taken as text, put 0x in front"
                : $"{key.Length} octets, which AES has no use for, write 16, 24 or 32 (32, 48 or 64 hex digits behind 0x)");
            return false;
        });

    /// <summary>A key for HMAC, or null.</summary>
    public static KeyMaterial? ReadHmac(ConfDocument document, ConfEntry entry, HmacHash hash) =>
        Read(document, entry, (key, _) =>
        {
            if (key.Length < ShortHmacKeyLength)
            {
                document.Warn(
                    entry,
                    $"a key of {key.Length * 8} bits can be guessed: better write {hash.Size * 8} bits ({hash.Size * 2} hex digits behind 0x)");
            }

            return true;
        });

    /// <summary>A key of an AEAD with the salt behind it, as <c>ip xfrm</c> takes both, or null.</summary>
    public static KeyMaterial? ReadAead(ConfDocument document, ConfEntry entry, AeadSuite suite) =>
        Read(document, entry, (key, wasText) =>
        {
            int[] sizes = [.. suite.KeySizes.Select(size => size + AeadSuite.SaltSize)];
            if (sizes.Contains(key.Length))
            {
                return true;
            }

            bool lacksPrefix = wasText && sizes.Contains(key.Length / 2) && key.Length % 2 == 0 && IsHex(key);
            document.Refuse(entry, lacksPrefix
                ? $"{key.Length} hex digits without 0x, which are taken as text, put 0x in front"
                : $"{key.Length} octets, but {suite.Name} takes a key and {AeadSuite.SaltSize} octets of salt behind it, write {Choice(sizes)} "
                + $"({Choice([.. sizes.Select(size => 2 * size)])} hex digits behind 0x)");
            return false;
        });

    private static string Choice(int[] numbers) =>
        numbers is [int only] ? $"{only}" : $"{string.Join(", ", numbers[..^1])} or {numbers[^1]}";

    private delegate bool Acceptance(ReadOnlySpan<byte> key, bool wasText);

    private static KeyMaterial? Read(ConfDocument document, ConfEntry entry, Acceptance isAcceptable)
    {
        ReadOnlySpan<byte> written = entry.Octets;
        if (entry.HasBareBlank)
        {
            document.Refuse(entry, "a blank in the key, remove it, or put the key in quotes if the blank belongs to it");
            return null;
        }

        Span<byte> octets = stackalloc byte[MaxKeyLength];
        try
        {
            bool isHex = written.StartsWith("0x"u8);
            int length;
            if (WhyUnreadable(written, isHex) is { } wrong)
            {
                document.Refuse(entry, wrong);
                return null;
            }

            if (isHex)
            {
                Convert.FromHexString(written[2..], octets, out _, out length);
            }
            else
            {
                written.CopyTo(octets);
                length = written.Length;
            }

            ReadOnlySpan<byte> key = octets[..length];
            if (!isAcceptable(key, wasText: !isHex))
            {
                return null;
            }

            Warn(document, entry, key, wasText: !isHex);
            return new KeyMaterial(key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    private static string? WhyUnreadable(ReadOnlySpan<byte> written, bool isHex)
    {
        if (!isHex)
        {
            return written.StartsWith("0X"u8) ? "0X, which ip xfrm takes as text, write 0x for hex digits"
                : written.Length > MaxKeyLength ? $"longer than {MaxKeyLength} octets, shorten it"
                : null;
        }

        ReadOnlySpan<byte> digits = written[2..];
        for (int i = 0; i < digits.Length; i++)
        {
            if (!char.IsAsciiHexDigit((char)digits[i]))
            {
                return $"character {i + 1} behind 0x is no hex digit, write 0-9 and a-f only";
            }
        }

        return digits.IsEmpty ? "no digits behind 0x, write the key there"
            : digits.Length > 2 * MaxKeyLength ? $"longer than {MaxKeyLength} octets, shorten it"
            : digits.Length % 2 == 0 ? null
            : $"{digits.Length} hex digits, an odd number: add the missing one, " +
              "or a 0 right behind 0x (0x0…) for what ip xfrm would read";
    }

    private static void Warn(ConfDocument document, ConfEntry entry, ReadOnlySpan<byte> key, bool wasText)
    {
        if (SampleKeys.Contains(key))
        {
            document.Warn(
                entry,
                "PUBLIC KEY MATERIAL: this key is printed in a sample, so anyone can read and forge this tunnel's packets; " +
                $"make a fresh one: echo 0x$(head -c {key.Length} /dev/urandom | od -An -vtx1 | tr -d ' \\n')");
        }
        else if (wasText && key.Length >= ShortHmacKeyLength && IsHex(key))
        {
            document.Warn(
                entry, $"hex digits without 0x are taken as {key.Length} octets of text, as ip xfrm does: put 0x in front if they are hex");
        }
    }

    private static bool IsHex(ReadOnlySpan<byte> text)
    {
        foreach (byte octet in text)
        {
            if (!char.IsAsciiHexDigit((char)octet))
            {
                return false;
            }
        }

        return true;
    }
}
