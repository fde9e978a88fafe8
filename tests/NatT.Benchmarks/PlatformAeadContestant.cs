using System.Security.Cryptography;
using NatT.Crypto;
using PlatformChaCha20Poly1305 = System.Security.Cryptography.ChaCha20Poly1305;

namespace NatT.Benchmarks;

/// <summary>System.Security.Cryptography's AES-GCM and ChaCha20-Poly1305, one packet after the other: OpenSSL on Linux.</summary>
internal sealed class PlatformAeadContestant : IContestant
{
    private const int HeaderSize = CipherSuite.HeaderSize;
    private const int ExplicitIvSize = AeadSuite.NonceSize - AeadSuite.SaltSize;

    private readonly Traffic _traffic;
    private readonly Cipher[] _ciphers;
    private readonly byte[] _nonce = [.. Traffic.Salt, .. new byte[ExplicitIvSize]];

    private PlatformAeadContestant(Traffic traffic, Func<byte[], Cipher> create)
    {
        _traffic = traffic;
        _ciphers = [.. traffic.Keys.Select(keys => create(keys.Encryption))];
    }

    private delegate void Transform(
        ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> from, Span<byte> to, Span<byte> icv, ReadOnlySpan<byte> associated);

    public static PlatformAeadContestant AesGcm(Traffic traffic) => new(traffic, key =>
    {
        var cipher = new AesGcm(key, Traffic.IcvSize);
        return new Cipher(
            (nonce, from, to, icv, associated) => cipher.Encrypt(nonce, from, to, icv, associated),
            (nonce, from, to, icv, associated) => cipher.Decrypt(nonce, from, icv, to, associated),
            cipher);
    });

    public static PlatformAeadContestant ChaCha20Poly1305(Traffic traffic) => new(traffic, key =>
    {
        var cipher = new PlatformChaCha20Poly1305(key);
        return new Cipher(
            (nonce, from, to, icv, associated) => cipher.Encrypt(nonce, from, to, icv, associated),
            (nonce, from, to, icv, associated) => cipher.Decrypt(nonce, from, icv, to, associated),
            cipher);
    });

    public void Seal()
    {
        for (int i = 0, body = 0, start = 0; i < _traffic.Lengths.Count; i++)
        {
            int length = _traffic.Lengths[i];
            Span<byte> packet = Packet(start, length);
            _ciphers[Traffic.Association(i)].Encrypt(
                _nonce, _traffic.Bodies.AsSpan(body, length), Text(packet), packet[^Traffic.IcvSize..], packet[..HeaderSize]);
            body += length;
            start += packet.Length;
        }
    }

    public void Open()
    {
        for (int i = 0, start = 0; i < _traffic.Lengths.Count; i++)
        {
            Span<byte> packet = Packet(start, _traffic.Lengths[i]);
            _ciphers[Traffic.Association(i)].Decrypt(_nonce, Text(packet), Text(packet), packet[^Traffic.IcvSize..], packet[..HeaderSize]);
            start += packet.Length;
        }
    }

    public void Dispose() => Array.ForEach(_ciphers, cipher => cipher.Owner.Dispose());

    private static Span<byte> Text(Span<byte> packet) => packet[(HeaderSize + ExplicitIvSize)..^Traffic.IcvSize];

    /// <summary>The packet, whose IV is in the nonce from now on.</summary>
    private Span<byte> Packet(int start, int length)
    {
        Span<byte> packet = _traffic.Packets.AsSpan(start, HeaderSize + ExplicitIvSize + length + Traffic.IcvSize);
        packet.Slice(HeaderSize, ExplicitIvSize).CopyTo(_nonce.AsSpan(AeadSuite.SaltSize));
        return packet;
    }

    /// <summary>The two have no type in common.</summary>
    private sealed record Cipher(Transform Encrypt, Transform Decrypt, IDisposable Owner);
}
