using System.Buffers.Binary;

namespace NatT.Fuzz.Engine;

/// <summary>An input read as a run of choices, for targets that build something of it. What is behind its end is zero.</summary>
public ref struct Choices(ReadOnlySpan<byte> input)
{
    private ReadOnlySpan<byte> _rest = input;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Octet()
    {
        if (_rest.IsEmpty)
        {
            return 0;
        }

        byte octet = _rest[0];
        _rest = _rest[1..];
        return octet;
    }

    public ushort Word()
    {
        byte high = Octet();
        return (ushort)((high << 8) | Octet());
    }

    public uint Number()
    {
        Span<byte> octets = stackalloc byte[4];
        Octets(4).CopyTo(octets);
        return BinaryPrimitives.ReadUInt32BigEndian(octets);
    }

    /// <summary>0 to below <paramref name="count"/>.</summary>
    public int Below(int count) => count <= 256 ? Octet() % count : Word() % count;

    /// <summary>So many octets, or as many as there are.</summary>
    public ReadOnlySpan<byte> Octets(int count)
    {
        ReadOnlySpan<byte> octets = _rest[..Math.Min(count, _rest.Length)];
        _rest = _rest[octets.Length..];
        return octets;
    }
}
