using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using NatT.Linux;

namespace NatT.Cli.Privilege;

/// <summary>A worker's end of what joins it to its parent.</summary>
/// <remarks>
/// <code>
/// request  kind(1) operand
/// answer   { Part(1) octets }*  Done(1) | Failed(1) what went wrong, UTF-8
/// </code>
/// A message each. One request at a time; any thread.
/// </remarks>
internal sealed class ParentLink : IDisposable
{
    /// <summary>What tells a process that it is a worker: the number of its end of the link.</summary>
    public const string Variable = "NATT_TUN_WORKER";

    /// <summary>Octets of a message.</summary>
    public const int LongestMessage = 32 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _parent;
    private readonly Thread _listening;
    private readonly Lock _gate = new();
    private readonly BlockingCollection<byte[]> _answers = [];
    private volatile bool _isEnding;

    /// <param name="parent">Becomes the link's.</param>
    /// <param name="orphaned">Called once the parent is no more; another thread.</param>
    public ParentLink(Socket parent, Action orphaned)
    {
        _parent = parent;
        Confs = new ParentConfs(this);
        _listening = new Thread(() => Listen(orphaned)) { Name = "parent", IsBackground = true };
        _listening.Start();
    }

    /// <summary>As the parent reads them.</summary>
    public ParentConfs Confs { get; }

    /// <summary>Of this process; null where it is nobody's worker.</summary>
    /// <exception cref="IOException">Somebody has only said that it was.</exception>
    public static ParentLink? OfThisProcess(Action orphaned)
    {
        if (Environment.GetEnvironmentVariable(Variable) is not string text)
        {
            return null;
        }

        try
        {
            return new ParentLink(ProcessLink.Adopt(int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture)), orphaned);
        }
        catch (Exception e) when (e is SocketException or FormatException or OverflowException)
        {
            throw new IOException($"{Variable} is in the environment, which natt-tun sets for processes of its own only: unset it", e);
        }
    }

    /// <summary>Asks, and waits until it is done.</summary>
    /// <param name="kind">What for.</param>
    /// <param name="operand">As that has it.</param>
    /// <param name="take">Gets what is sent back, part by part; each is wiped afterwards.</param>
    /// <exception cref="IOException">The parent could not, or is no more.</exception>
    public void Ask(ParentRequest kind, ReadOnlySpan<byte> operand = default, Action<ReadOnlyMemory<byte>>? take = null)
    {
        lock (_gate)
        {
            Send([(byte)kind, .. operand[..Math.Min(operand.Length, LongestMessage - 1)]]);
            while (true)
            {
                byte[] answer = Take();
                switch ((ParentAnswer)answer[0])
                {
                    case ParentAnswer.Done:
                        return;
                    case ParentAnswer.Part:
                        take?.Invoke(answer.AsMemory(1));
                        CryptographicOperations.ZeroMemory(answer);
                        break;
                    default:
                        throw new IOException(Encoding.UTF8.GetString(answer.AsSpan(1)));
                }
            }
        }
    }

    /// <summary>Asks for what can be done without.</summary>
    public void TryAsk(ParentRequest kind, ReadOnlySpan<byte> operand = default)
    {
        try
        {
            Ask(kind, operand);
        }
        catch (IOException)
        {
            // A parent that is no more, and whose end is ours.
        }
    }

    public void Dispose()
    {
        if (_isEnding)
        {
            return;
        }

        _isEnding = true;
        try
        {
            // Closing alone would not end the wait for answers.
            _parent.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The parent has ended, and with it the wait.
        }

        _listening.Join();
        _parent.Dispose();
        _answers.Dispose();
    }

    /// <summary>Not on the listening thread, for which <see cref="Dispose"/> waits.</summary>
    private static void End(Action orphaned)
    {
        try
        {
            orphaned();
        }
        catch (ObjectDisposedException)
        {
            // It was at its end anyway.
        }
    }

    private void Send(ReadOnlySpan<byte> request)
    {
        try
        {
            _parent.Send(request);
        }
        catch (SocketException e)
        {
            throw new IOException("natt-tun's parent process has ended", e);
        }
    }

    private byte[] Take() => _answers.TryTake(out byte[]? answer, Patience) && answer.Length > 0
        ? answer
        : throw new IOException("natt-tun's parent process does not answer");

    private void Listen(Action orphaned)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(LongestMessage, pinned: true);
        try
        {
            for (int length; (length = _parent.Receive(buffer)) > 0;)
            {
                // Confs come by here, and their keys.
                byte[] answer = GC.AllocateUninitializedArray<byte>(length, pinned: true);
                buffer.AsSpan(0, length).CopyTo(answer);
                CryptographicOperations.ZeroMemory(buffer.AsSpan(0, length));
                _answers.Add(answer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
        }

        if (!_isEnding)
        {
            _answers.CompleteAdding();
            ThreadPool.UnsafeQueueUserWorkItem(_ => End(orphaned), null);
        }
    }
}
