using System.Security.Cryptography;
using System.Text;

namespace NatT.Tunnel.Configuration;

/// <summary>Text with keys in it while it is composed: octets in pinned memory, wiped on disposal.</summary>
public sealed class SecretText : IDisposable
{
    private const int InitialCapacity = 4096;

    private byte[] _octets = Allocate(InitialCapacity);
    private int _length;

    public ReadOnlySpan<byte> Octets => _octets.AsSpan(0, _length);

    public void Append(string text) => Encoding.UTF8.GetBytes(text, Extend(Encoding.UTF8.GetByteCount(text)));

    /// <summary>Two digits an octet.</summary>
    public void AppendHex(ReadOnlySpan<byte> secret) => Convert.TryToHexStringLower(secret, Extend(2 * secret.Length), out _);

    public void Dispose() => CryptographicOperations.ZeroMemory(_octets);

    private static byte[] Allocate(int capacity) => GC.AllocateUninitializedArray<byte>(capacity, pinned: true);

    private Span<byte> Extend(int count)
    {
        if (_octets.Length - _length < count)
        {
            byte[] larger = Allocate(2 * (_length + count));
            Octets.CopyTo(larger);
            CryptographicOperations.ZeroMemory(_octets);
            _octets = larger;
        }

        _length += count;
        return _octets.AsSpan(_length - count, count);
    }
}
