using System.Buffers;
using System.IO.Pipelines;

namespace NatT.Tunnel.Control;

/// <summary>Cuts a byte stream into lines of bounded length. The stream stays the caller's.</summary>
/// <param name="stream">Where the lines come from.</param>
/// <param name="longest">Octets that a line may have.</param>
internal sealed class LineReader(Stream stream, int longest)
{
    private const int BufferSize = 16 * 1024;

    private readonly PipeReader _reader =
        PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: BufferSize, leaveOpen: true));

    /// <summary>The next line without its newline; null at the stream's end, where a line without newline counts for nothing.</summary>
    /// <exception cref="InvalidDataException">The line is too long; what follows it cannot be read any more.</exception>
    public async ValueTask<byte[]?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            SequencePosition? newline = buffer.PositionOf((byte)'\n');
            ReadOnlySequence<byte> line = newline is SequencePosition end ? buffer.Slice(0, end) : buffer;
            if (line.Length > longest)
            {
                throw new InvalidDataException($"a line longer than {longest} octets");
            }

            if (newline is SequencePosition found)
            {
                byte[] octets = line.ToArray();
                _reader.AdvanceTo(buffer.GetPosition(1, found));
                return octets;
            }

            if (result.IsCompleted)
            {
                return null;
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }
}
