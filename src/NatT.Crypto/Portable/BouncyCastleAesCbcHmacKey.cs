using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;
using Org.BouncyCastle.Crypto.Parameters;

namespace NatT.Crypto.Portable;

/// <summary>AES key schedules and HMAC states inside Bouncy Castle's objects, which work on arrays, not on spans.</summary>
/// <remarks>Bouncy Castle offers no way to wipe what it expanded; disposal lets go of it and wipes our own scratch.
/// Whoever uses it holds a lock on it.</remarks>
internal sealed class BouncyCastleAesCbcHmacKey : CipherKey
{
    public const int AesBlockSize = 16;

    private readonly CbcBlockCipher _encryptor = new(new AesEngine());
    private readonly CbcBlockCipher _decryptor = new(new AesEngine());
    private readonly BouncyCastleHmac _hmac;
    private byte[] _scratch = [];
    private bool _isDisposed;

    public BouncyCastleAesCbcHmacKey(AesCbcHmac suite, ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize)
        : base(suite, icvSize)
    {
        byte[] octets = GC.AllocateUninitializedArray<byte>(encryption.Length, pinned: true);
        encryption.CopyTo(octets);
        var aesKey = new KeyParameter(octets);
        _encryptor.Init(forEncryption: true, aesKey);
        _decryptor.Init(forEncryption: false, aesKey);
        CryptographicOperations.ZeroMemory(octets);
        _hmac = new BouncyCastleHmac(suite.Hash, authentication);
    }

    public void Encrypt(ReadOnlySpan<byte> iv, Span<byte> text)
    {
        byte[] work = CopyToScratch(text);

        // CBC with a zero IV over a first block that already holds the IV is CBC with that IV, without an object a packet.
        Xor(work, iv);
        _encryptor.Reset();
        for (int i = 0; i < text.Length; i += AesBlockSize)
        {
            _encryptor.ProcessBlock(work, i, work, i);
        }

        work.AsSpan(0, text.Length).CopyTo(text);
    }

    public void Decrypt(ReadOnlySpan<byte> iv, Span<byte> text)
    {
        byte[] work = CopyToScratch(text);
        _decryptor.Reset();
        for (int i = 0; i < text.Length; i += AesBlockSize)
        {
            _decryptor.ProcessBlock(work, i, work, i);
        }

        Xor(work, iv);
        work.AsSpan(0, text.Length).CopyTo(text);
    }

    /// <inheritdoc cref="BouncyCastleHmac.ComputeIcv"/>
    public void ComputeIcv(ReadOnlySpan<byte> authenticated, uint? sequenceHigh, Span<byte> icv) =>
        _hmac.ComputeIcv(authenticated, sequenceHigh, icv);

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_scratch);
        _hmac.Dispose();
    }

    private byte[] CopyToScratch(ReadOnlySpan<byte> octets)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_scratch.Length < octets.Length)
        {
            CryptographicOperations.ZeroMemory(_scratch);
            _scratch = GC.AllocateUninitializedArray<byte>(Math.Max(2048, octets.Length), pinned: true);
        }

        octets.CopyTo(_scratch);
        return _scratch;
    }

    private static void Xor(Span<byte> block, ReadOnlySpan<byte> with)
    {
        for (int i = 0; i < with.Length; i++)
        {
            block[i] ^= with[i];
        }
    }
}
