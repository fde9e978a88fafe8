namespace NatT.Crypto.Kernels;

/// <summary>One job of ChaCha20-Poly1305 as the kernels see it: checked, and its places looked up.</summary>
// SAFETY: its pointers hold while the suite keeps the buffers fixed, that is, during one batch.
internal unsafe struct ChaChaPacket
{
    public const int KeyWords = 8;

    private const int NonceWords = AeadSuite.NonceSize / sizeof(uint);

    /// <summary>What the packet's blocks start from besides constants (RFC 8439 §2.3): key, a counter that stays zero here, nonce.</summary>
    /// <remarks>First, so that a packet's address is that of its state.</remarks>
    public fixed uint State[KeyWords + 1 + NonceWords];

    /// <summary>Filled up with zeros to a block of Poly1305's.</summary>
    public fixed byte Associated[Poly1305.BlockSize];

    public int AssociatedLength;

    /// <summary>The ICV as computed.</summary>
    public fixed byte Icv[AeadSuite.IcvSize];

    /// <summary>Its key is the first half of block 0 (RFC 8439 §2.6).</summary>
    public Poly1305 Mac;

    /// <summary>The packet's first octet: its SPI.</summary>
    public byte* Start;

    /// <summary>Octets of ciphertext.</summary>
    public int TextLength;

    /// <summary>Sealing: where the plaintext's first <see cref="BodyLength"/> octets are; the others' is where their ciphertext goes.</summary>
    public byte* Body;

    public int BodyLength;

    /// <summary>Opening: its ICV was wrong, so that its octets stay.</summary>
    public bool IsForged;

    public readonly byte* Text => Start + CipherSuite.HeaderSize + (AeadSuite.NonceSize - AeadSuite.SaltSize);

    /// <summary>Blocks of keystream that its text takes: those after block 0.</summary>
    public readonly int TextBlocks => (int)(((uint)TextLength + (ChaCha20.BlockSize - 1)) / ChaCha20.BlockSize);
}
