using NatT.Crypto.Portable;

namespace NatT.Crypto.Kernels;

/// <summary>AES round keys for kernels beside an HMAC of Bouncy Castle's.</summary>
internal sealed unsafe class KernelAesCbcHmacKey : CipherKey
{
    public KernelAesCbcHmacKey(AesCbcHmac suite, ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize)
        : base(suite, icvSize)
    {
        Cipher = new KernelCipherKey<ExpandedKeys>(suite, icvSize);
        ExpandedKeys* keys = Cipher.Keys;
        keys->Rounds = AesKeySchedule.Rounds(encryption.Length);
        keys->IcvSize = icvSize;
        AesKeySchedule.Expand<AesNi>(encryption, keys->Encryption);
        AesKeySchedule.Invert<AesNi>(keys->Encryption, keys->Decryption, keys->Rounds);
        Hmac = new BouncyCastleHmac(suite.Hash, authentication);
    }

    /// <summary>Of what it owns only what belongs to AES is there.</summary>
    public KernelCipherKey<ExpandedKeys> Cipher { get; }

    public BouncyCastleHmac Hmac { get; }

    protected override void Dispose(bool disposing)
    {
        Cipher.Dispose();
        Hmac.Dispose();
    }
}
