using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace NatT.Crypto.Kernels;

/// <summary>Owns an SA's <see cref="ExpandedKeys"/>: pinned, so that the garbage collector leaves no copies, and wiped on disposal.</summary>
internal sealed unsafe class KernelCipherKey(CipherSuite suite, int icvSize) : CipherKey(suite, icvSize)
{
    private readonly ExpandedKeys[] _keys = GC.AllocateArray<ExpandedKeys>(1, pinned: true);

    // SAFETY: pinned for the array's life; whoever keeps the pointer keeps this object alive.
    public ExpandedKeys* Keys => (ExpandedKeys*)Unsafe.AsPointer(ref _keys[0]);

    /// <summary>Whether the keys are wiped: nothing may be sealed under zeros.</summary>
    public bool IsDisposed => _keys[0].Rounds == 0;

    protected override void Dispose(bool disposing) =>
        CryptographicOperations.ZeroMemory(new Span<byte>(Keys, sizeof(ExpandedKeys)));
}
