using System.Text;

namespace NatT.Tunnel.Configuration;

/// <summary>One <c>key = value</c> of a conf file, quotes and comments already gone.</summary>
/// <remarks>Its octets are the reader's buffer, valid until that is wiped.</remarks>
internal sealed class ConfEntry(string key, string writtenAs, int line, ReadOnlyMemory<byte> value, bool hasBareBlank)
{
    /// <summary>The key by its first name, see <see cref="ConfKeys"/>.</summary>
    public string Key { get; } = key;

    /// <summary>The key as it stands in the file: an alias, perhaps.</summary>
    public string WrittenAs { get; } = writtenAs;

    public int Line { get; } = line;

    public ReadOnlySpan<byte> Octets => value.Span;

    /// <summary>Whether a blank stands between parts of the value outside quotes.</summary>
    public bool HasBareBlank { get; } = hasBareBlank;

    /// <summary>The value as a string: for everything but keys, which never become one.</summary>
    public string Text => Encoding.UTF8.GetString(value.Span);
}
