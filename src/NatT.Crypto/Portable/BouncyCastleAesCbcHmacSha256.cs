using System.Security.Cryptography;

namespace NatT.Crypto.Portable;

/// <summary>
/// AES-CBC (RFC 3602) with HMAC-SHA-256 (RFC 4868) on Bouncy Castle: the engine for any CPU, and the witness
/// that faster ones are tested against. Its AES is table-driven.
/// </summary>
public sealed class BouncyCastleAesCbcHmacSha256 : AesCbcHmacSha256
{
    public override string Engine => "portable engine (Bouncy Castle, table-driven AES)";

    protected override CipherKey ExpandKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize) =>
        new BouncyCastleAesCbcHmacKey(this, encryption, authentication, icvSize);

    protected override bool HasIcvOf(int icvSize, ReadOnlySpan<byte> packet, CipherKey key, uint? sequenceHigh)
    {
        Span<byte> icv = stackalloc byte[icvSize];
        lock (key)
        {
            ((BouncyCastleAesCbcHmacKey)key).ComputeIcv(packet[..^icvSize], sequenceHigh, icv);
        }

        return CryptographicOperations.FixedTimeEquals(icv, packet[^icvSize..]);
    }

    protected override void SealBatch(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs) =>
        BouncyCastleAesCbcHmacPackets.Seal(source, destination, jobs);

    protected override void OpenBatch(Span<byte> buffer, Span<OpenJob> jobs) => BouncyCastleAesCbcHmacPackets.Open(buffer, jobs);
}
