using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>A packet as AES-GCM sees it: counter blocks, what was hashed already, and text.</summary>
internal unsafe struct GcmPacket
{
    public AesGcmKeys* Keys;

    /// <summary>The counter block before that of the text's first block: salt, IV and the number 1 (SP 800-38D's J₀).</summary>
    public Vector128<byte> FirstCounter;

    /// <summary>GHASH's sum after the associated data.</summary>
    public Vector128<ulong> Hash;

    /// <summary>Octets of associated data.</summary>
    public int AssociatedLength;

    /// <summary>Sealing: where the plaintext of the first <see cref="BodyLength"/> octets is; the others' is where their ciphertext goes.</summary>
    public byte* Body;

    public int BodyLength;

    /// <summary>The ciphertext, or what becomes it. An ICV's room is behind it.</summary>
    public byte* Text;

    public int Length;
}
