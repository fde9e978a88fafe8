using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Modes;

namespace NatT.Crypto.Portable;

/// <summary>AES-GCM on Bouncy Castle: the engine for any CPU, and the witness that faster ones are tested against.</summary>
public sealed class BouncyCastleAesGcm16 : AesGcm16
{
    public override string Engine => "portable engine (Bouncy Castle, table-driven AES)";

    protected override CipherKey ExpandKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt) =>
        new BouncyCastleAeadKey(this, () => new GcmBlockCipher(new AesEngine()), key, salt);

    protected override void SealBatch(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs) =>
        BouncyCastleAead.Seal(source, destination, jobs);

    protected override void OpenBatch(Span<byte> buffer, Span<OpenJob> jobs) => BouncyCastleAead.Open(buffer, jobs);
}
