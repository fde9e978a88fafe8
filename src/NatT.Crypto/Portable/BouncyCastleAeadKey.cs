using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace NatT.Crypto.Portable;

/// <summary>A key and salt for one of Bouncy Castle's AEADs, which work on arrays, not on spans.</summary>
/// <remarks>Each packet takes a cipher of its own: Bouncy Castle's copies of the key cannot be wiped, and so live no longer than that.
/// Whoever uses it holds a lock on it.</remarks>
internal sealed class BouncyCastleAeadKey : CipherKey
{
    private readonly Func<IAeadCipher> _createCipher;
    private readonly byte[] _key;
    private readonly byte[] _nonce = GC.AllocateArray<byte>(AeadSuite.NonceSize, pinned: true);
    private readonly byte[] _associated = new byte[AeadSuite.LongestAssociatedData];
    private byte[] _input = [];
    private byte[] _output = [];
    private bool _isDisposed;

    public BouncyCastleAeadKey(CipherSuite suite, Func<IAeadCipher> createCipher, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt)
        : base(suite, AeadSuite.IcvSize)
    {
        _createCipher = createCipher;
        _key = GC.AllocateUninitializedArray<byte>(key.Length, pinned: true);
        key.CopyTo(_key);
        salt.CopyTo(_nonce);
    }

    /// <param name="header">SPI and sequence number.</param>
    /// <param name="sequenceHigh">The number's high half, or null.</param>
    /// <param name="iv">As sent.</param>
    /// <param name="text">Plaintext, then room for the ICV; afterwards ciphertext and ICV.</param>
    public void Encrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> text)
    {
        IAeadCipher cipher = Initialise(forEncryption: true, header, sequenceHigh, iv, text);
        int written = cipher.ProcessBytes(_input, 0, text.Length - IcvSize, _output, 0);
        cipher.DoFinal(_output, written);
        _output.AsSpan(0, text.Length).CopyTo(text);
    }

    /// <param name="header">SPI and sequence number.</param>
    /// <param name="sequenceHigh">The number's high half, or null.</param>
    /// <param name="iv">As sent.</param>
    /// <param name="text">Ciphertext and ICV; afterwards plaintext and ICV, or what it was.</param>
    /// <returns>Whether the ICV was right.</returns>
    public bool TryDecrypt(ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, Span<byte> text)
    {
        IAeadCipher cipher = Initialise(forEncryption: false, header, sequenceHigh, iv, text);
        try
        {
            int written = cipher.ProcessBytes(_input, 0, text.Length, _output, 0);
            cipher.DoFinal(_output, written);
        }
        catch (InvalidCipherTextException)
        {
            return false;
        }

        _output.AsSpan(0, text.Length - IcvSize).CopyTo(text);
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_key);
        CryptographicOperations.ZeroMemory(_nonce);
        CryptographicOperations.ZeroMemory(_input);
        CryptographicOperations.ZeroMemory(_output);
    }

    private IAeadCipher Initialise(
        bool forEncryption, ReadOnlySpan<byte> header, uint? sequenceHigh, ReadOnlySpan<byte> iv, ReadOnlySpan<byte> text)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_input.Length < text.Length)
        {
            CryptographicOperations.ZeroMemory(_input);
            CryptographicOperations.ZeroMemory(_output);
            _input = GC.AllocateUninitializedArray<byte>(Math.Max(2048, text.Length), pinned: true);
            _output = GC.AllocateUninitializedArray<byte>(_input.Length, pinned: true);
        }

        text.CopyTo(_input);
        iv.CopyTo(_nonce.AsSpan(AeadSuite.SaltSize));
        int associated = AeadSuite.WriteAssociatedData(_associated, header, sequenceHigh);
        IAeadCipher cipher = _createCipher();
        cipher.Init(
            forEncryption,
            new AeadParameters(new KeyParameter(_key), AeadSuite.IcvSize * 8, _nonce, _associated[..associated]));
        return cipher;
    }
}
