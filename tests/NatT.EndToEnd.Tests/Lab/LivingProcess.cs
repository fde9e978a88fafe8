using System.Globalization;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>What the kernel tells root of a process that runs.</summary>
internal sealed class LivingProcess(int id)
{
    public int Id => id;

    /// <summary>A field of each thread's status, as <c>CapEff</c>, by the thread's name.</summary>
    public IReadOnlyList<(string Thread, string Value)> OfThreads(string field)
    {
        var values = new List<(string Thread, string Value)>();
        foreach (string folder in Directory.EnumerateDirectories($"/proc/{id}/task"))
        {
            try
            {
                Dictionary<string, string> status = File.ReadLines(Path.Combine(folder, "status"))
                    .Select(line => line.Split(':', 2)).ToDictionary(parts => parts[0], parts => parts[1].Trim());
                values.Add((status["Name"], status[field]));
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return values;
    }

    public string Limit(string name) =>
        File.ReadLines($"/proc/{id}/limits").Single(line => line.StartsWith(name, StringComparison.Ordinal))[name.Length..];

    public string Read(string file) => File.ReadAllText($"/proc/{id}/{file}");

    /// <summary>How often each of the patterns is in memory that the process may write.</summary>
    public int[] CountInMemory(params byte[][] patterns)
    {
        const int Piece = 1 << 20;
        int[] counts = new int[patterns.Length];
        int overlap = patterns.Max(pattern => pattern.Length) - 1;
        byte[] buffer = new byte[Piece + overlap];
        using FileStream memory = new($"/proc/{id}/mem", FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        foreach ((long start, long end) in WritableRanges())
        {
            for (long at = start; at < end; at += Piece)
            {
                int read = TryRead(memory, at, buffer.AsSpan(0, (int)Math.Min(buffer.Length, end - at)));
                for (int i = 0; i < patterns.Length; i++)
                {
                    counts[i] += Count(buffer.AsSpan(0, Math.Min(read, Piece + patterns[i].Length - 1)), patterns[i]);
                }
            }
        }

        return counts;
    }

    private List<(long Start, long End)> WritableRanges() =>
        [.. File.ReadLines($"/proc/{id}/maps")
            .Select(line => line.Split(' ', 3))
            .Where(fields => fields[1].StartsWith("rw", StringComparison.Ordinal))
            .Select(fields => fields[0].Split('-'))
            .Select(range => (long.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                long.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)))];

    private static int TryRead(FileStream memory, long at, Span<byte> buffer)
    {
        int total = 0;
        try
        {
            while (total < buffer.Length)
            {
                int read = RandomAccess.Read(memory.SafeFileHandle, buffer[total..], at + total);
                if (read == 0)
                {
                    break;
                }

                total += read;
            }
        }
        catch (IOException)
        {
            // Given back since the ranges were read.
        }

        return total;
    }

    private static int Count(ReadOnlySpan<byte> octets, ReadOnlySpan<byte> pattern)
    {
        int count = 0;
        for (int at; (at = octets.IndexOf(pattern)) >= 0; octets = octets[(at + 1)..])
        {
            count++;
        }

        return count;
    }
}
