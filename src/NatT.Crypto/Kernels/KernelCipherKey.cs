using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace NatT.Crypto.Kernels;

/// <summary>Owns what kernels expand an SA's keys to: pinned, so that the garbage collector leaves no copies, and wiped on disposal.</summary>
internal sealed unsafe class KernelCipherKey<TKeys>(CipherSuite suite, int icvSize) : CipherKey(suite, icvSize)
    where TKeys : unmanaged
{
    private const int CacheLine = 64;

    /// <summary>Octets of keys to fetch at most: a packet needs no more of any suite's at once.</summary>
    private const int Nearest = 640;

    private readonly TKeys[] _keys = GC.AllocateArray<TKeys>(1, pinned: true);

    // SAFETY: pinned for the array's life; whoever keeps the pointer keeps this object alive.
    public TKeys* Keys => (TKeys*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_keys));

    /// <summary>Whether the keys are wiped: nothing may be sealed under zeros.</summary>
    public bool IsDisposed { get; private set; }

    public override void Fetch()
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        // SAFETY: a prefetch may have any address, and these are the keys' own.
        byte* keys = (byte*)Keys;
        for (int i = 0; i < Math.Min(sizeof(TKeys), Nearest); i += CacheLine)
        {
            Sse.Prefetch0(keys + i);
        }
    }

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        CryptographicOperations.ZeroMemory(new Span<byte>(Keys, sizeof(TKeys)));
    }
}
