using System.Security.Cryptography;

namespace NatT.Esp.Associations;

/// <summary>
/// Secret octets in pinned memory, wiped on disposal, so that the garbage collector leaves no copies behind.
/// The owner disposes it; it has no way into a string.
/// </summary>
public sealed class KeyMaterial : IDisposable
{
    private readonly byte[] _octets;

    /// <summary>Copies <paramref name="octets"/>; the caller wipes its own.</summary>
    public KeyMaterial(ReadOnlySpan<byte> octets)
    {
        _octets = GC.AllocateUninitializedArray<byte>(octets.Length, pinned: true);
        octets.CopyTo(_octets);
    }

    /// <summary>Octets.</summary>
    public int Length => _octets.Length;

    public ReadOnlySpan<byte> Octets => _octets;

    /// <summary>Compares without telling by its time where two keys differ.</summary>
    public bool FixedTimeEquals(KeyMaterial other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(_octets, other._octets);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_octets);

    public override string ToString() => $"key of {_octets.Length * 8} bits";
}
