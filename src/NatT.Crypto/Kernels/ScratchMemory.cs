using System.Security.Cryptography;

namespace NatT.Crypto.Kernels;

/// <summary>A batch's working memory, cut from its caller's stack, aligned to cache lines, and wiped when the batch is done.</summary>
/// <remarks>Keys, states and digests pass through it. A stack does not move, so no copy is left anywhere else.</remarks>
internal unsafe struct ScratchMemory
{
    private const int Alignment = 64;

    private readonly byte* _start;
    private readonly byte* _end;
    private byte* _next;
    private byte* _highest;

    // SAFETY: memory outlives this value: it is the stack of a method further up.
    public ScratchMemory(byte* memory, int size)
    {
        _start = memory;
        _next = memory;
        _highest = memory;
        _end = memory + size;
    }

    /// <summary>Room for <paramref name="count"/> values, whatever they are at first.</summary>
    public T* Take<T>(int count)
        where T : unmanaged
    {
        byte* taken = (byte*)(((nuint)_next + (Alignment - 1)) & ~(nuint)(Alignment - 1));
        _next = taken + ((nint)count * sizeof(T));
        if (_next > _end)
        {
            throw new InvalidOperationException("A batch's scratch memory is too small: a defect.");
        }

        _highest = (byte*)Math.Max((nuint)_highest, (nuint)_next);
        return (T*)taken;
    }

    /// <summary>What is taken from now on can be given back together.</summary>
    public readonly byte* Mark() => _next;

    public void Release(byte* mark) => _next = mark;

    public void Wipe()
    {
        CryptographicOperations.ZeroMemory(new Span<byte>(_start, (int)(_highest - _start)));
        _next = _highest = _start;
    }
}
