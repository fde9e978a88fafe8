using System.Security.Cryptography;

namespace NatT.Cli.Import;

/// <summary>All that a stream with keys in it has: octets in pinned memory, wiped on disposal.</summary>
internal sealed class SecretInput : IDisposable
{
    private const int FirstCapacity = 1 << 16;
    private const int LargestLength = 1 << 28;

    private byte[] _octets = GC.AllocateUninitializedArray<byte>(FirstCapacity, pinned: true);
    private int _length;

    public ReadOnlyMemory<byte> Octets => _octets.AsMemory(0, _length);

    /// <exception cref="IOException">There is more than anybody could mean.</exception>
    public static SecretInput ReadToEnd(Stream stream)
    {
        var input = new SecretInput();
        int read;
        while ((read = stream.Read(input._octets, input._length, input._octets.Length - input._length)) > 0)
        {
            input._length += read;
            if (input._length == input._octets.Length)
            {
                input.Grow();
            }
        }

        return input;
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_octets);

    private void Grow()
    {
        if (_length >= LargestLength)
        {
            Dispose();
            throw new IOException("standard input is longer than 256 MiB: give it what ip xfrm prints");
        }

        byte[] larger = GC.AllocateUninitializedArray<byte>(2 * _length, pinned: true);
        Octets.Span.CopyTo(larger);
        CryptographicOperations.ZeroMemory(_octets);
        _octets = larger;
    }
}
