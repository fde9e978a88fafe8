using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

/// <summary>The octets that a power cut leaves, and the ways in which writing them goes wrong.</summary>
internal sealed class SimulatedDisk : IDisposable
{
    private const int NoSpace = 28;

    private readonly MemoryStream _surface = new();

    public byte[] Octets
    {
        get => _surface.ToArray();
        set
        {
            _surface.SetLength(0);
            _surface.Write(value);
        }
    }

    /// <summary>Flushes so far.</summary>
    public int Appends { get; private set; }

    public int Replacements { get; private set; }

    public bool IsFull { get; set; }

    /// <summary>The power fails after so many octets of the next write; nothing is written after that.</summary>
    public int? PowerFailsAfter { get; set; }

    public bool IsPowerOff { get; private set; }

    /// <summary>Told of each write before it begins, a replacement too, with its octets.</summary>
    public Action<byte[]>? Writing { get; set; }

    public IJournalFile Open()
    {
        IsPowerOff = false;
        PowerFailsAfter = null;
        return new SimulatedFile(this);
    }

    public void Dispose() => _surface.Dispose();

    private void Write(ReadOnlySpan<byte> octets, int offset)
    {
        int written = octets.Length;
        if (IsPowerOff)
        {
            written = 0;
        }
        else if (PowerFailsAfter is { } count)
        {
            written = Math.Min(count, octets.Length);
            IsPowerOff = true;
        }
        else if (IsFull)
        {
            written = octets.Length / 2;
        }

        _surface.Position = offset;
        _surface.Write(octets[..written]);
        if (IsPowerOff || IsFull)
        {
            throw new IOException("No space left on device : 'journal'", NoSpace);
        }
    }

    private sealed class SimulatedFile(SimulatedDisk disk) : IJournalFile
    {
        public long Length { get; private set; } = disk._surface.Length;

        public byte[] Read() => disk.Octets;

        public void Append(ReadOnlySpan<byte> octets)
        {
            disk.Appends++;
            disk.Writing?.Invoke(octets.ToArray());
            disk.Write(octets, (int)Length);
            Length += octets.Length;
        }

        public void Replace(ReadOnlySpan<byte> octets)
        {
            disk.Writing?.Invoke(octets.ToArray());
            if (disk.IsPowerOff || disk.IsFull || disk.PowerFailsAfter is not null)
            {
                disk.IsPowerOff = disk.PowerFailsAfter is not null;
                throw new IOException("No space left on device : 'journal.new'", NoSpace);
            }

            disk.Replacements++;
            disk.Octets = octets.ToArray();
            Length = octets.Length;
        }

        public void Dispose()
        {
        }
    }
}
