namespace NatT.Tunnel.DataPath;

/// <summary>A batch whose cryptography any thread may do, while its path's thread owns all else.</summary>
public abstract class CipherWork
{
    private readonly object _gate = new();

    // Where it fails, its path's thread is to know.
    private Exception? _failure;
    private bool _isDone;

    /// <summary>Whether it was done, since <see cref="Reset"/>. Any thread.</summary>
    internal bool IsDone => Volatile.Read(ref _isDone);

    internal void Reset()
    {
        _failure = null;
        _isDone = false;
    }

    /// <summary>A helper's part.</summary>
    internal void Do()
    {
        try
        {
            RunCipher();
        }
        catch (Exception e)
        {
            _failure = e;
        }

        lock (_gate)
        {
            Volatile.Write(ref _isDone, true);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Waits until a helper has done it.</summary>
    internal void Await()
    {
        lock (_gate)
        {
            while (!IsDone)
            {
                Monitor.Wait(_gate);
            }
        }
    }

    /// <exception cref="InvalidOperationException">A defect.</exception>
    internal void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new InvalidOperationException($"The cryptography of a batch failed: {_failure.Message}", _failure);
        }
    }

    /// <summary>Seals or opens; touches nothing but the batch.</summary>
    protected abstract void RunCipher();
}
