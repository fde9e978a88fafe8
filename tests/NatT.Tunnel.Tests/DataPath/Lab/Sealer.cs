using NatT.Crypto;
using NatT.Crypto.Portable;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>Seals whatever a test wants under the lab's keys: what a peer with a bug might send, or one that started over.</summary>
internal sealed class Sealer : IDisposable
{
    private static readonly BouncyCastleAesCbcHmacSha256 Suite = new();

    private readonly CipherKey _key = Suite.CreateKey(
        Convert.FromHexString(EndConf.EncryptionKey), Convert.FromHexString(EndConf.AuthenticationKey), icvSize: 16);

    /// <summary>A tunnel packet as a peer would make it.</summary>
    public byte[] Seal(ulong number, byte[] inner, bool isExtended = false) =>
        SealPlaintext(number, Pad(inner, (byte)(inner[0] >> 4 == 6 ? 41 : 4)), isExtended);

    public byte[] Seal(ulong number, byte[] inner, byte nextHeader) => SealPlaintext(number, Pad(inner, nextHeader));

    /// <summary>Any plaintext of whole blocks.</summary>
    public byte[] SealPlaintext(ulong number, byte[] plaintext, bool isExtended = false)
    {
        byte[] packet = new byte[Suite.Overhead(_key.IcvSize) + plaintext.Length];
        EspHeader.Write(packet, EndConf.Spi, (uint)number);
        var job = new SealJob
        {
            Key = _key,
            BodyOffset = 0,
            BodyLength = plaintext.Length,
            Offset = 0,
            Length = packet.Length,
            SequenceHigh = isExtended ? (uint)(number >> 32) : null,
        };
        Suite.Seal(plaintext, packet, [job]);
        return packet;
    }

    public void Dispose() => _key.Dispose();

    private static byte[] Pad(byte[] inner, byte nextHeader)
    {
        byte[] plaintext = new byte[EspTrailer.PaddedLength(inner.Length, Suite.BlockSize)];
        inner.CopyTo(plaintext, 0);
        EspTrailer.Write(plaintext.AsSpan(inner.Length), nextHeader);
        return plaintext;
    }
}
