using System.Diagnostics.CodeAnalysis;

namespace NatT.Tunnel.DataPath;

/// <summary>Threads that do nothing but the cryptography of batches, beside a path's own thread that does the rest.</summary>
/// <remarks>They own nothing: what they are offered comes back, and what they have not begun the path's thread takes back.</remarks>
/// <param name="count">How many; 0: the path's thread does all.</param>
public sealed class CipherHelpers(int count)
{
    private readonly object _gate = new();
    private readonly Queue<CipherWork> _offered = new(2 * (count + 1));
    private readonly List<Thread> _threads = [];
    private bool _isEnding;

    public int Count => count;

    public void Start(string name)
    {
        for (int i = 0; i < count; i++)
        {
            var thread = new Thread(Run) { Name = name };
            _threads.Add(thread);
            thread.Start();
        }
    }

    /// <summary>Ends the threads; what they were offered must have come back.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.PulseAll(_gate);
        }

        _threads.ForEach(thread => thread.Join());
    }

    /// <summary>Lets a helper do it. The path's thread.</summary>
    internal void Offer(CipherWork work)
    {
        lock (_gate)
        {
            _offered.Enqueue(work);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Does what was offered and not begun, until <paramref name="wanted"/> is done or a helper has it. The path's thread.</summary>
    internal void DoOffered(CipherWork wanted)
    {
        while (!wanted.IsDone && TryTake(out CipherWork? offered))
        {
            offered.Do();
        }
    }

    private bool TryTake([NotNullWhen(true)] out CipherWork? work)
    {
        lock (_gate)
        {
            return _offered.TryDequeue(out work);
        }
    }

    private void Run()
    {
        while (true)
        {
            CipherWork? work;
            lock (_gate)
            {
                while (!_offered.TryDequeue(out work))
                {
                    if (_isEnding)
                    {
                        return;
                    }

                    Monitor.Wait(_gate);
                }
            }

            work.Do();
        }
    }
}
