namespace NatT.Crypto.Portable;

/// <summary>ChaCha20-Poly1305 on Bouncy Castle: the engine for any CPU, and the witness that faster ones are tested against.</summary>
public sealed class BouncyCastleChaCha20Poly1305 : ChaCha20Poly1305
{
    public override string Engine => "portable engine (Bouncy Castle)";

    protected override CipherKey ExpandKey(ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt) =>
        new BouncyCastleAeadKey(this, () => new Org.BouncyCastle.Crypto.Modes.ChaCha20Poly1305(), key, salt);

    protected override void SealBatch(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs) =>
        BouncyCastleAead.Seal(source, destination, jobs);

    protected override void OpenBatch(Span<byte> buffer, Span<OpenJob> jobs) => BouncyCastleAead.Open(buffer, jobs);
}
