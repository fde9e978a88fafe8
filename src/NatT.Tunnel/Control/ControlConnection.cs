using System.Net.Sockets;
using System.Text.Json;

namespace NatT.Tunnel.Control;

/// <summary>One connection to the control socket: answers line by line until the other end goes, idles or breaks the rules.</summary>
/// <param name="socket">Becomes the connection's.</param>
internal sealed class ControlConnection(Socket socket) : IDisposable
{
    /// <summary>Octets of a request.</summary>
    public const int LongestRequest = 64 * 1024;

    private static readonly byte[] Newline = "\n"u8.ToArray();

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);

    /// <summary>Serves the connection. Nothing the other end does throws.</summary>
    /// <returns>Whether it asked for a stop; the connection is still open then.</returns>
    public async Task<bool> ServeAsync(ControlVerbs verbs, TimeSpan patience, CancellationToken cancellationToken)
    {
        var lines = new LineReader(_stream, LongestRequest);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            while (true)
            {
                timeout.CancelAfter(patience);
                byte[]? line = await lines.ReadAsync(timeout.Token).ConfigureAwait(false);
                if (line is null)
                {
                    return false;
                }

                timeout.CancelAfter(Timeout.InfiniteTimeSpan);
                ControlAnswer answer = await verbs.AnswerAsync(line, timeout.Token).ConfigureAwait(false);
                timeout.CancelAfter(patience);
                await WriteAsync(answer, timeout.Token).ConfigureAwait(false);
                if (answer.StoppingPid is not null)
                {
                    return true;
                }
            }
        }
        catch (InvalidDataException e)
        {
            await TryWriteErrorAsync(e.Message, patience).ConfigureAwait(false);
            return false;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>Sends an error, if the other end takes it at once or soon.</summary>
    public async Task TryWriteErrorAsync(string error, TimeSpan patience)
    {
        try
        {
            using var timeout = new CancellationTokenSource(patience);
            await WriteAsync(new ControlAnswer { Error = error }, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
        }
    }

    public void Dispose() => _stream.Dispose();

    private async Task WriteAsync(ControlAnswer answer, CancellationToken cancellationToken)
    {
        await JsonSerializer.SerializeAsync(_stream, answer, ControlJson.Default.ControlAnswer, cancellationToken).ConfigureAwait(false);
        await _stream.WriteAsync(Newline, cancellationToken).ConfigureAwait(false);
    }
}
