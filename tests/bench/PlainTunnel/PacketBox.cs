using System.Buffers.Binary;
using System.Security.Cryptography;

namespace NatT.Bench.PlainTunnel;

/// <summary>Seals one packet at a time much as WireGuard does: counter ‖ ciphertext ‖ tag. One thread; not locked.</summary>
/// <remarks>The key is all zero and the nonces start over with each process: a yardstick, not a tunnel to use.</remarks>
internal sealed class PacketBox : IDisposable
{
    private const int CounterSize = 8;
    private const int TagSize = 16;

    private readonly ChaCha20Poly1305 _cipher = new(new byte[32]);
    private readonly byte[] _nonce = new byte[12];
    private ulong _counter;

    public int Seal(ReadOnlySpan<byte> packet, Span<byte> datagram)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(datagram, ++_counter);
        datagram[..CounterSize].CopyTo(_nonce.AsSpan(4));
        _cipher.Encrypt(_nonce, packet, datagram.Slice(CounterSize, packet.Length), datagram.Slice(CounterSize + packet.Length, TagSize));
        return CounterSize + packet.Length + TagSize;
    }

    public bool TryOpen(ReadOnlySpan<byte> datagram, Span<byte> packet, out int length)
    {
        length = datagram.Length - CounterSize - TagSize;
        if (length < 0)
        {
            return false;
        }

        datagram[..CounterSize].CopyTo(_nonce.AsSpan(4));
        try
        {
            _cipher.Decrypt(_nonce, datagram.Slice(CounterSize, length), datagram[^TagSize..], packet[..length]);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    public void Dispose() => _cipher.Dispose();
}
