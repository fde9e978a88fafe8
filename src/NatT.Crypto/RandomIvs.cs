using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

namespace NatT.Crypto;

/// <summary>
/// Unpredictable IVs in bulk: a ChaCha20 keystream with fast key erasure. Each refill mixes fresh operating-system
/// entropy into a key taken from the stream itself, and octets are wiped as they leave, so that neither a later
/// look at memory nor a weak moment of the OS generator tells an IV that was or will be sent.
/// </summary>
/// <remarks>CBC needs IVs that nobody can predict (RFC 3602 §3), so never a counter. One thread owns it.</remarks>
public sealed class RandomIvs : IDisposable
{
    private const int KeySize = 32;
    private const int BufferSize = KeySize + 4096;

    private static readonly byte[] ZeroNonce = new byte[12];
    private static readonly byte[] Zeros = new byte[BufferSize];

    private readonly EntropySource _entropy;
    private readonly ChaCha7539Engine _chaCha = new();
    private readonly byte[] _key = GC.AllocateArray<byte>(KeySize, pinned: true);
    private readonly byte[] _stream = GC.AllocateArray<byte>(BufferSize, pinned: true);
    private int _next = BufferSize;

    public RandomIvs(EntropySource entropy)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        _entropy = entropy;
    }

    /// <summary>Fills <paramref name="destination"/> with octets that were never given out before.</summary>
    public void Fill(Span<byte> destination)
    {
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
        _chaCha.Init(forEncryption: true, new ParametersWithIV(new KeyParameter(_key), ZeroNonce));
        _chaCha.ProcessBytes(Zeros, 0, BufferSize, _stream, 0);
        _stream.AsSpan(0, KeySize).CopyTo(_key);
        CryptographicOperations.ZeroMemory(_stream.AsSpan(0, KeySize));
        _next = KeySize;
    }
}
