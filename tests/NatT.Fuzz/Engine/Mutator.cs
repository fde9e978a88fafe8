using System.Buffers.Binary;

namespace NatT.Fuzz.Engine;

/// <summary>Makes new inputs of old ones. The same random numbers give the same inputs.</summary>
/// <param name="target">Its words, and how long inputs may be.</param>
/// <param name="random">Chooses.</param>
public sealed class Mutator(IFuzzTarget target, Random random)
{
    private const int MostSteps = 6;

    private static readonly byte[] BoundaryOctets = [0, 1, 4, 6, 8, 15, 16, 17, 0x1F, 0x20, 0x2C, 0x3A, 0x40, 0x45, 0x60, 0x7F, 0x80, 0xFE, 0xFF];

    private static readonly uint[] BoundaryNumbers =
        [0, 1, 20, 40, 255, 256, 1280, 0x7FFF, 0x8000, 0xFFE3, 0xFFFE, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF];

    private readonly byte[] _octets = new byte[target.LongestInput];
    private int _length;

    /// <param name="parent">What to change.</param>
    /// <param name="other">What to take parts of.</param>
    public byte[] Mutate(byte[] parent, byte[] other)
    {
        _length = Math.Min(parent.Length, _octets.Length);
        parent.AsSpan(0, _length).CopyTo(_octets);
        for (int steps = 1 + random.Next(random.Next(1, MostSteps + 1)); steps > 0; steps--)
        {
            Step(other);
        }

        return _octets[.._length];
    }

    private void Step(byte[] other)
    {
        switch (random.Next(_length == 0 ? 3 : 12))
        {
            case 0:
                Insert(RandomOctets(1 << random.Next(8)));
                break;
            case 1:
                Insert(RunOf(other));
                break;
            case 2:
                Insert(Word());
                break;
            case 3:
                _octets[random.Next(_length)] ^= (byte)(1 << random.Next(8));
                break;
            case 4:
                _octets[random.Next(_length)] = BoundaryOctets[random.Next(BoundaryOctets.Length)];
                break;
            case 5:
                _octets[random.Next(_length)] += (byte)random.Next(-3, 4);
                break;
            case 6:
                WriteNumber();
                break;
            case 7:
                Remove();
                break;
            case 8:
                Insert(RunOf(_octets[.._length]));
                break;
            case 9:
                Overwrite(random.Next(3) == 0 ? Word() : RunOf(other));
                break;
            case 10:
                Splice(other);
                break;
            default:
                _octets[random.Next(_length)] = (byte)random.Next(256);
                break;
        }
    }

    private void WriteNumber()
    {
        Span<byte> place = _octets.AsSpan(random.Next(_length).._length);
        uint number = random.Next(2) == 0 ? BoundaryNumbers[random.Next(BoundaryNumbers.Length)] : (uint)(_length + random.Next(-60, 60));
        if (place.Length >= 4 && random.Next(2) == 0)
        {
            BinaryPrimitives.WriteUInt32BigEndian(place, number);
        }
        else if (place.Length >= 2 && random.Next(4) == 0)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)number);
        }
        else if (place.Length >= 2)
        {
            BinaryPrimitives.WriteUInt16BigEndian(place, (ushort)number);
        }
    }

    private void Insert(ReadOnlySpan<byte> run)
    {
        run = run[..Math.Min(run.Length, _octets.Length - _length)];
        int at = random.Next(_length + 1);
        _octets.AsSpan(at.._length).CopyTo(_octets.AsSpan(at + run.Length));
        run.CopyTo(_octets.AsSpan(at));
        _length += run.Length;
    }

    private void Overwrite(ReadOnlySpan<byte> run)
    {
        Span<byte> place = _octets.AsSpan(random.Next(_length).._length);
        run[..Math.Min(run.Length, place.Length)].CopyTo(place);
    }

    private void Remove()
    {
        int at = random.Next(_length);
        int count = Math.Min(_length - at, random.Next(3) == 0 ? random.Next(1, _length + 1) : 1 << random.Next(6));
        _octets.AsSpan((at + count).._length).CopyTo(_octets.AsSpan(at));
        _length -= count;
    }

    /// <summary>The start of this one and the end of the other.</summary>
    private void Splice(byte[] other)
    {
        if (other.Length == 0)
        {
            return;
        }

        int at = random.Next(_length);
        ReadOnlySpan<byte> end = other.AsSpan(Math.Min(other.Length - 1, random.Next(2) == 0 ? at : random.Next(other.Length)));
        end = end[..Math.Min(end.Length, _octets.Length - at)];
        end.CopyTo(_octets.AsSpan(at));
        _length = at + end.Length;
    }

    private byte[] RandomOctets(int most)
    {
        byte[] octets = new byte[random.Next(1, most + 1)];
        random.NextBytes(octets);
        return octets;
    }

    private byte[] RunOf(byte[] octets)
    {
        int at = random.Next(octets.Length + 1);
        return octets.AsSpan(at, Math.Min(octets.Length - at, 1 << random.Next(10))).ToArray();
    }

    private byte[] Word() => target.Words.Count == 0 ? RandomOctets(4) : target.Words[random.Next(target.Words.Count)];
}
