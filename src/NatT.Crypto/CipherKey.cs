namespace NatT.Crypto;

/// <summary>Expanded keys of one SA for one suite. Any number of threads may use it at once; its owner disposes it afterwards.</summary>
public abstract class CipherKey(CipherSuite suite, int icvSize) : IDisposable
{
    /// <summary>The suite that made it.</summary>
    public CipherSuite Suite { get; } = suite;

    /// <summary>Octets of ICV in every packet.</summary>
    public int IcvSize { get; } = icvSize;

    /// <summary>Asks for what the next packet needs, without a wait.</summary>
    public virtual void Fetch()
    {
    }

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
