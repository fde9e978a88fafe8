using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace NatT.Crypto.Kernels;

/// <summary>Owns an SA's key and salt: pinned, so that the garbage collector leaves no copies, and wiped on disposal.</summary>
internal sealed unsafe class ChaChaKey : CipherKey
{
    /// <summary>Of a block's state before the packet's own nonce: the key, a counter that is zero here, the salt.</summary>
    public const int Words = (ChaCha20.KeySize + sizeof(uint) + AeadSuite.SaltSize) / sizeof(uint);

    private readonly uint[] _words = GC.AllocateArray<uint>(Words, pinned: true);
    private bool _isDisposed;

    public ChaChaKey(CipherSuite suite, ReadOnlySpan<byte> key, ReadOnlySpan<byte> salt)
        : base(suite, AeadSuite.IcvSize)
    {
        key.CopyTo(Octets);
        salt.CopyTo(Octets[^AeadSuite.SaltSize..]);
    }

    /// <summary>For tests.</summary>
    internal Span<byte> Octets => System.Runtime.InteropServices.MemoryMarshal.AsBytes(_words.AsSpan());

    // SAFETY: state has room for Words.
    public void WriteState(uint* state)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Unsafe.CopyBlockUnaligned(ref *(byte*)state, ref Unsafe.As<uint, byte>(ref _words[0]), Words * sizeof(uint));
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(Octets);
    }
}
