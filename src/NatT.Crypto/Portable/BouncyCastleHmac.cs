using System.Buffers.Binary;
using System.Security.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Digests;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace NatT.Crypto.Portable;

/// <summary>One SA's HMAC inside Bouncy Castle's objects, which work on arrays, not on spans.</summary>
/// <remarks>Bouncy Castle offers no way to wipe its states; disposal lets go of them and wipes the digest.
/// Whoever uses it holds a lock on it, or on what owns it.</remarks>
internal sealed class BouncyCastleHmac : IDisposable
{
    private readonly HMac _hmac;
    private readonly byte[] _digest;
    private byte[] _scratch = [];
    private bool _isDisposed;

    public BouncyCastleHmac(HmacHash hash, ReadOnlySpan<byte> key)
    {
        _hmac = new HMac(CreateDigest(hash));
        _digest = GC.AllocateArray<byte>(hash.Size, pinned: true);
        byte[] octets = GC.AllocateUninitializedArray<byte>(key.Length, pinned: true);
        key.CopyTo(octets);
        _hmac.Init(new KeyParameter(octets));
        CryptographicOperations.ZeroMemory(octets);
    }

    /// <summary>Over header, IV, ciphertext and, with ESN, the sequence number's high half; truncated.</summary>
    public void ComputeIcv(ReadOnlySpan<byte> authenticated, uint? sequenceHigh, Span<byte> icv)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int length = authenticated.Length;
        if (_scratch.Length < length + sizeof(uint))
        {
            _scratch = GC.AllocateUninitializedArray<byte>(Math.Max(2048, length + sizeof(uint)), pinned: true);
        }

        authenticated.CopyTo(_scratch);
        if (sequenceHigh is uint high)
        {
            BinaryPrimitives.WriteUInt32BigEndian(_scratch.AsSpan(length), high);
            length += sizeof(uint);
        }

        _hmac.BlockUpdate(_scratch, 0, length);
        _hmac.DoFinal(_digest, 0);
        _digest.AsSpan(0, icv.Length).CopyTo(icv);
    }

    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_digest);
    }

    private static IDigest CreateDigest(HmacHash hash) => hash.Size switch
    {
        20 => new Sha1Digest(),
        32 => new Sha256Digest(),
        48 => new Sha384Digest(),
        _ => new Sha512Digest(),
    };
}
