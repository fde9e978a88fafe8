using System.Security.Cryptography;
using NatT.Crypto;

namespace NatT.Benchmarks;

/// <summary>System.Security.Cryptography's AES-GCM, one packet after the other: OpenSSL on Linux.</summary>
internal sealed class PlatformAesGcmContestant : IContestant
{
    private const int HeaderSize = CipherSuite.HeaderSize;
    private const int ExplicitIvSize = AeadSuite.NonceSize - AeadSuite.SaltSize;

    private readonly Traffic _traffic;
    private readonly AesGcm[] _ciphers;
    private readonly byte[] _nonce = [.. Traffic.Salt, .. new byte[ExplicitIvSize]];

    public PlatformAesGcmContestant(Traffic traffic)
    {
        _traffic = traffic;
        _ciphers = [.. traffic.Keys.Select(keys => new AesGcm(keys.Encryption, Traffic.IcvSize))];
    }

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
            _ciphers[Traffic.Association(i)].Decrypt(
                _nonce, Text(packet), packet[^Traffic.IcvSize..], Text(packet), packet[..HeaderSize]);
            start += packet.Length;
        }
    }

    public void Dispose() => Array.ForEach(_ciphers, cipher => cipher.Dispose());

    private static Span<byte> Text(Span<byte> packet) => packet[(HeaderSize + ExplicitIvSize)..^Traffic.IcvSize];

    /// <summary>The packet, whose IV is in the nonce from now on.</summary>
    private Span<byte> Packet(int start, int length)
    {
        Span<byte> packet = _traffic.Packets.AsSpan(start, HeaderSize + ExplicitIvSize + length + Traffic.IcvSize);
        packet.Slice(HeaderSize, ExplicitIvSize).CopyTo(_nonce.AsSpan(AeadSuite.SaltSize));
        return packet;
    }
}
