using System.Security.Cryptography;

namespace NatT.Tunnel.Configuration;

/// <summary>A conf file as it lies on the disk, keys and all, before anybody makes sense of it.</summary>
/// <param name="file">What the command line, or its folder, calls it.</param>
/// <param name="octets">Its content, pinned, at the beginning; null: it could not be read. Becomes this object's, which wipes it.</param>
/// <param name="length">Octets of content.</param>
/// <param name="problems">What is wrong with the file as such.</param>
public sealed class ConfOctets(string file, byte[]? octets, int length, IReadOnlyList<ConfProblem> problems) : IDisposable
{
    public string File { get; } = file;

    public bool WasRead => octets is not null;

    /// <summary>Parsing changes it.</summary>
    public Memory<byte> Content => octets.AsMemory(0, length);

    public IReadOnlyList<ConfProblem> Problems { get; } = problems;

    public void Dispose() => CryptographicOperations.ZeroMemory(octets);
}
