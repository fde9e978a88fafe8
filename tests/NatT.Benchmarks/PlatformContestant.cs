using System.Security.Cryptography;
using NatT.Crypto;

namespace NatT.Benchmarks;

/// <summary>System.Security.Cryptography, one packet after the other: OpenSSL on Linux.</summary>
internal sealed class PlatformContestant : IContestant
{
    private const int IvSize = Traffic.HeaderAndIvSize - CipherSuite.HeaderSize;

    private readonly Traffic _traffic;
    private readonly Aes[] _ciphers;
    private readonly byte[] _scratch = new byte[2048];

    public PlatformContestant(Traffic traffic)
    {
        _traffic = traffic;
        _ciphers = [.. traffic.Keys.Select(keys =>
        {
            var aes = Aes.Create();
            aes.Key = keys.Encryption;
            return aes;
        })];
    }

    public void Seal()
    {
        for (int i = 0, body = 0, start = 0; i < _traffic.Lengths.Count; i++)
        {
            int length = _traffic.Lengths[i];
            Span<byte> packet = _traffic.Packets.AsSpan(start, Traffic.HeaderAndIvSize + length + Traffic.IcvSize);
            Span<byte> icv = packet[^Traffic.IcvSize..];
            int association = Traffic.Association(i);
            _ciphers[association].EncryptCbc(
                _traffic.Bodies.AsSpan(body, length),
                packet.Slice(CipherSuite.HeaderSize, IvSize),
                packet.Slice(Traffic.HeaderAndIvSize, length),
                PaddingMode.None);
            Authenticate(association, packet[..^Traffic.IcvSize]).CopyTo(icv);
            body += length;
            start += packet.Length;
        }
    }

    public void Open()
    {
        for (int i = 0, start = 0; i < _traffic.Lengths.Count; i++)
        {
            int length = _traffic.Lengths[i];
            Span<byte> packet = _traffic.Packets.AsSpan(start, Traffic.HeaderAndIvSize + length + Traffic.IcvSize);
            int association = Traffic.Association(i);
            if (!CryptographicOperations.FixedTimeEquals(
                Authenticate(association, packet[..^Traffic.IcvSize]), packet[^Traffic.IcvSize..]))
            {
                throw new InvalidOperationException("A packet that was just sealed does not open.");
            }

            Span<byte> ciphertext = packet.Slice(Traffic.HeaderAndIvSize, length);
            ciphertext.CopyTo(_scratch);
            _ciphers[association].DecryptCbc(
                _scratch.AsSpan(0, length), packet.Slice(CipherSuite.HeaderSize, IvSize), ciphertext, PaddingMode.None);
            start += packet.Length;
        }
    }

    public void Dispose() => Array.ForEach(_ciphers, cipher => cipher.Dispose());

    private Span<byte> Authenticate(int association, ReadOnlySpan<byte> message)
    {
        Span<byte> digest = _scratch.AsSpan(0, HMACSHA256.HashSizeInBytes);
        HMACSHA256.HashData(_traffic.Keys[association].Authentication, message, digest);
        return digest[..Traffic.IcvSize];
    }
}
