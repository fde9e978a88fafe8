using NatT.Tunnel.Configuration;

namespace NatT.Cli.Privilege;

/// <summary>Conf files on their way to another process.</summary>
/// <remarks>
/// <code>
/// message   count(4) file*  problems
/// file      name  length(4; -1: not read)  octets  problems
/// problems  count(4) { name  line(4)  has-key(1) key  text }*
/// </code>
/// Strings and numbers are as <see cref="BinaryWriter"/> has them.
/// </remarks>
internal static class ConfMessage
{
    private const int NotRead = -1;

    /// <summary>More than a problem, or a file without its octets, takes beside its strings.</summary>
    private const int Overhead = 32;

    /// <summary>Pinned; the caller wipes it.</summary>
    public static byte[] Write(IReadOnlyList<ConfOctets> texts, IReadOnlyCollection<ConfProblem> problems, out int length)
    {
        int bound = Overhead + Bound(problems) + texts.Sum(text => Overhead + Bound(text.File) + text.Content.Length + Bound(text.Problems));
        byte[] octets = GC.AllocateUninitializedArray<byte>(bound, pinned: true);
        using var stream = new MemoryStream(octets);
        using var writer = new BinaryWriter(stream);
        writer.Write(texts.Count);
        foreach (ConfOctets text in texts)
        {
            writer.Write(text.File);
            writer.Write(text.WasRead ? text.Content.Length : NotRead);
            writer.Write(text.Content.Span);
            Write(writer, text.Problems);
        }

        Write(writer, problems);
        length = (int)stream.Position;
        return octets;
    }

    /// <summary>The caller disposes the files, and wipes <paramref name="octets"/>.</summary>
    public static List<ConfOctets> Read(byte[] octets, out List<ConfProblem> problems)
    {
        using var stream = new MemoryStream(octets, writable: false);
        using var reader = new BinaryReader(stream);
        var texts = new List<ConfOctets>();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            string file = reader.ReadString();
            int length = reader.ReadInt32();
            byte[]? content = length == NotRead ? null : GC.AllocateUninitializedArray<byte>(length, pinned: true);
            stream.ReadExactly(content);
            texts.Add(new ConfOctets(file, content, Math.Max(length, 0), ReadProblems(reader)));
        }

        problems = ReadProblems(reader);
        return texts;
    }

    private static void Write(BinaryWriter writer, IReadOnlyCollection<ConfProblem> problems)
    {
        writer.Write(problems.Count);
        foreach (ConfProblem problem in problems)
        {
            writer.Write(problem.File);
            writer.Write(problem.Line);
            writer.Write(problem.Key is not null);
            writer.Write(problem.Key ?? "");
            writer.Write(problem.Text);
        }
    }

    private static List<ConfProblem> ReadProblems(BinaryReader reader)
    {
        var problems = new List<ConfProblem>();
        for (int left = reader.ReadInt32(); left > 0; left--)
        {
            string file = reader.ReadString();
            int line = reader.ReadInt32();
            bool hasKey = reader.ReadBoolean();
            string key = reader.ReadString();
            problems.Add(new ConfProblem(file, line, hasKey ? key : null, reader.ReadString()));
        }

        return problems;
    }

    private static int Bound(IReadOnlyCollection<ConfProblem> problems) =>
        problems.Sum(problem => Overhead + Bound(problem.File) + Bound(problem.Key ?? "") + Bound(problem.Text));

    private static int Bound(string text) => System.Text.Encoding.UTF8.GetMaxByteCount(text.Length);
}
