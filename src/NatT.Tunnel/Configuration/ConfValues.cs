using System.Globalization;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Configuration;

/// <summary>Reads the values of common types; what does not fit becomes a problem of the document.</summary>
internal static class ConfValues
{
    private const int MaxInterfaceNameLength = 15;

    private const int MaxUserNameLength = 32;

    private const int MaxSeconds = 86_400;

    /// <summary>The whole number of the key, or null where it is absent or wrong.</summary>
    public static int? ReadInteger(this ConfDocument document, string key, int min, int max, string because = "")
    {
        ConfEntry? entry = document.Find(key);
        if (entry is null)
        {
            return null;
        }

        string text = entry.Text;
        if (TryParseInteger(text, out int value) && value >= min && value <= max)
        {
            return value;
        }

        document.Refuse(entry, !text.All(char.IsAsciiDigit) ? $"{ConfLine.Quote(text)} is no whole number, write one from {min} to {max}{because}"
            : text.Length > 1 && text[0] == '0' ? $"{ConfLine.Quote(text)} begins with a zero, which some tools take for octal, leave it out"
            : $"{ConfLine.Quote(text)} is out of range, write a whole number from {min} to {max}{because}");
        return null;
    }

    public static ushort ReadPort(this ConfDocument document, string key) =>
        (ushort)(document.ReadInteger(key, 1, ushort.MaxValue) ?? PeerConf.DefaultPort);

    /// <summary>Seconds, or <c>no</c> and 0 for off; null where the key is absent or wrong.</summary>
    public static TimeSpan? ReadSeconds(this ConfDocument document, string key)
    {
        ConfEntry? entry = document.Find(key);
        if (entry is null)
        {
            return null;
        }

        string text = entry.Text;
        int seconds = 0;
        if (text != "no" && (!TryParseInteger(text, out seconds) || seconds > MaxSeconds))
        {
            document.Refuse(
                entry,
                $"{ConfLine.Quote(text)} is no time, write whole seconds from 1 to {MaxSeconds}, or no to turn it off");
            return null;
        }

        return TimeSpan.FromSeconds(seconds);
    }

    public static bool? ReadYesNo(this ConfDocument document, string key) => document.ReadChoice(key, "yes", "no", "1", "0") switch
    {
        "yes" or "1" => true,
        "no" or "0" => false,
        _ => null,
    };

    /// <summary>The value if it is one of the choices, or null.</summary>
    public static string? ReadChoice(this ConfDocument document, string key, params ReadOnlySpan<string> choices)
    {
        ConfEntry? entry = document.Find(key);
        if (entry is null)
        {
            return null;
        }

        string text = entry.Text;
        if (choices.Contains(text))
        {
            return text;
        }

        document.Refuse(entry, $"{ConfLine.Quote(text)} is not possible here, write {string.Join(" or ", choices!)}");
        return null;
    }

    /// <summary>A unicast address of an outer interface, or null.</summary>
    public static IpAddress? ReadAddress(this ConfDocument document, string key)
    {
        ConfEntry? entry = document.Find(key);
        if (entry is null)
        {
            return null;
        }

        string text = entry.Text;
        if (!AddressKinds.TryParse(text, out IpAddress address))
        {
            document.Refuse(entry, $"{ConfLine.Quote(text)} is no IP address, write one such as 192.0.2.1 or 2001:db8::1");
            return null;
        }

        if (AddressKinds.WhyNotUnicast(address) is { } why)
        {
            document.Refuse(entry, $"{address} is {why}, write the address of one host");
            return null;
        }

        return address;
    }

    /// <summary>A name that Linux takes for a network interface, or null.</summary>
    public static string? ReadInterfaceName(this ConfDocument document, string key)
    {
        ConfEntry? entry = document.Find(key);
        if (entry is null)
        {
            return null;
        }

        string text = entry.Text;
        if (text.Length <= MaxInterfaceNameLength && text is not ("." or "..") && text.All(IsInterfaceNameCharacter))
        {
            return text;
        }

        document.Refuse(
            entry,
            $"{ConfLine.Quote(text)} is no interface name, " +
            $"write 1 to {MaxInterfaceNameLength} letters, digits or -_. without blanks or slashes");
        return null;
    }

    /// <summary>A name that /etc/passwd can hold; null where the key is absent or wrong.</summary>
    public static string? ReadUserName(this ConfDocument document, string key)
    {
        ConfEntry? entry = document.Find(key);
        if (entry is null)
        {
            return null;
        }

        string text = entry.Text;
        if (text.Length <= MaxUserNameLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') && text[0] != '-')
        {
            return text;
        }

        document.Refuse(entry, $"{ConfLine.Quote(text)} is no user's name, write 1 to {MaxUserNameLength} letters, digits or _-.");
        return null;
    }

    // Linux itself forbids '/', ':' and blanks; '%' makes it a pattern to number devices by.
    private static bool IsInterfaceNameCharacter(char c) => c is > ' ' and <= '~' and not ('/' or ':' or '%');

    // A leading zero would mean octal to the tools that the scripts call.
    private static bool TryParseInteger(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && (text.Length == 1 || text[0] != '0');
}
