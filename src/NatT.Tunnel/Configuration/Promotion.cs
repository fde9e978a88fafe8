using System.Security.Cryptography;
using System.Text;

namespace NatT.Tunnel.Configuration;

/// <summary>A conf file's octets with its next keys as the only ones; wiped on disposal.</summary>
public sealed class Promotion : IDisposable
{
    private const string Next = "next_";

    private static readonly string[] Replaced =
    [
        ConfKeys.Spi, ConfKeys.SpiIn, ConfKeys.SpiOut, ConfKeys.Enc, ConfKeys.EncIn, ConfKeys.EncOut,
        ConfKeys.Auth, ConfKeys.AuthSha256, ConfKeys.AuthIn, ConfKeys.AuthOut,
    ];

    private readonly byte[] _octets;
    private int _length;

    /// <param name="text">A good conf's, which has next keys.</param>
    public Promotion(ReadOnlySpan<byte> text)
    {
        _octets = GC.AllocateUninitializedArray<byte>(text.Length, pinned: true);
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..(end + 1)];
            AddLine(line);
            text = text[line.Length..];
        }
    }

    public ReadOnlySpan<byte> Octets => _octets.AsSpan(0, _length);

    public void Dispose() => CryptographicOperations.ZeroMemory(_octets);

    private void AddLine(ReadOnlySpan<byte> line)
    {
        int equals = line.IndexOf((byte)'=');
        string key = equals < 0 ? "" : Encoding.ASCII.GetString(line[..equals].Trim(" \t"u8));
        if (Replaced.Contains(key))
        {
            return;
        }

        if (key.StartsWith(Next, StringComparison.Ordinal))
        {
            line = line[(line.IndexOf("next_"u8) + Next.Length)..];
        }

        line.CopyTo(_octets.AsSpan(_length));
        _length += line.Length;
    }
}
