namespace NatT.Fuzz.Targets;

/// <summary>Octets that arrive in pieces of given sizes, over and over, as a socket's do.</summary>
internal sealed class ChunkedStream(byte[] octets, byte[] sizes) : Stream
{
    /// <summary>Octets that may come one by one; more would only take long.</summary>
    private const int ManySmallOnes = 1024;

    private int _at;
    private int _chunk;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int least = _at < ManySmallOnes ? 1 : 256;
        int size = sizes.Length == 0 ? octets.Length : Math.Max(least, sizes[_chunk++ % sizes.Length] * 16);
        int count = Math.Min(Math.Min(size, buffer.Length), octets.Length - _at);
        octets.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => new(Read(buffer.Span));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
