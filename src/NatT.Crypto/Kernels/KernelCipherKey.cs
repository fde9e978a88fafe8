using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace NatT.Crypto.Kernels;

/// <summary>Owns what kernels expand an SA's keys to: pinned, so that the garbage collector leaves no copies, and wiped on disposal.</summary>
internal sealed unsafe class KernelCipherKey<TKeys>(CipherSuite suite, int icvSize) : CipherKey(suite, icvSize)
    where TKeys : unmanaged
{
    private readonly TKeys[] _keys = GC.AllocateArray<TKeys>(1, pinned: true);

    // SAFETY: pinned for the array's life; whoever keeps the pointer keeps this object alive.
    public TKeys* Keys => (TKeys*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_keys));

    /// <summary>Whether the keys are wiped: nothing may be sealed under zeros.</summary>
    public bool IsDisposed { get; private set; }

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        CryptographicOperations.ZeroMemory(new Span<byte>(Keys, sizeof(TKeys)));
    }
}
