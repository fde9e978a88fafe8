using System.Security.Cryptography;

namespace NatT.Crypto;

/// <summary>
/// Unpredictable IVs in bulk: a ChaCha20 keystream with fast key erasure. Each refill mixes fresh operating-system
/// entropy into a key taken from the stream itself, and octets are wiped as they leave, so that neither a later
/// look at memory nor a weak moment of the OS generator tells an IV that was or will be sent.
/// </summary>
/// <remarks>CBC needs IVs that nobody can predict (RFC 3602 §3), so never a counter. One thread owns it.</remarks>
public sealed class RandomIvs : IDisposable
{
    private const int KeySize = ChaCha20.KeySize;

    /// <summary>A page: the next key, then 254 IVs of CBC.</summary>
    private const int BufferSize = 64 * ChaCha20.BlockSize;

    private readonly EntropySource _entropy;
    private readonly byte[] _key = GC.AllocateArray<byte>(KeySize, pinned: true);
    private readonly byte[] _stream = GC.AllocateArray<byte>(BufferSize, pinned: true);
    private int _next = BufferSize;
    private bool _isDisposed;

    public RandomIvs(EntropySource entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        _entropy = entropy;
    }

    /// <summary>Fills <paramref name="destination"/> with octets that were never given out before.</summary>
    public void Fill(Span<byte> destination)
    {
        // With the key wiped, a dull OS generator would bring the first stream again.
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        while (!destination.IsEmpty)
        {
            if (_next == BufferSize)
            {
                Refill();
            }

            Span<byte> ready = _stream.AsSpan(_next);
            ready = ready[..Math.Min(ready.Length, destination.Length)];
            ready.CopyTo(destination);
            CryptographicOperations.ZeroMemory(ready);
            destination = destination[ready.Length..];
            _next += ready.Length;
        }
    }

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_stream);
        _next = BufferSize;
        _isDisposed = true;
    }

    private void Refill()
    {
        Span<byte> fresh = stackalloc byte[KeySize];
        _entropy(fresh);
        for (int i = 0; i < KeySize; i++)
        {
            _key[i] ^= fresh[i];
        }

        CryptographicOperations.ZeroMemory(fresh);

        // The nonce may stay zero: no key is used for two streams.
        ChaCha20.Keystream(_key, _stream);
        _stream.AsSpan(0, KeySize).CopyTo(_key);
        CryptographicOperations.ZeroMemory(_stream.AsSpan(0, KeySize));
        _next = KeySize;
    }
}
