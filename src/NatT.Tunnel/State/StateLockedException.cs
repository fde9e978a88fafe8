namespace NatT.Tunnel.State;

/// <summary>Another process holds the state directory; the message is one line naming it and the remedy.</summary>
public sealed class StateLockedException : Exception
{
    public StateLockedException()
    {
    }

    public StateLockedException(string message)
        : base(message)
    {
    }

    public StateLockedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
