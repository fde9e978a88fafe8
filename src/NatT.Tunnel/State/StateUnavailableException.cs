namespace NatT.Tunnel.State;

/// <summary>State cannot be kept where it was asked for; the message is one line with the directory, the reason and the remedy.</summary>
public sealed class StateUnavailableException : Exception
{
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int QuotaExceeded = 122;

    public StateUnavailableException()
    {
    }

    public StateUnavailableException(string message)
        : base(message)
    {
    }

    public StateUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal static StateUnavailableException Of(string directory, Exception cause) =>
        new($"state_dir {directory}: {ReasonOf(cause)}; {RemedyFor(cause)}", cause);

    /// <summary>The first line of what the system said, without the path that .NET puts behind it.</summary>
    internal static string ReasonOf(Exception cause) => cause.Message.Split('\n')[0].Split(" : '")[0].TrimEnd('.', ' ', '\r');

    // On Unix an IOException's HResult is the errno.
    private static string RemedyFor(Exception cause) => cause switch
    {
        { HResult: NoSpace or QuotaExceeded } => "free some space, or set state_dir to a directory on another disk",
        { HResult: ReadOnlyFileSystem } => "mount it writable, or set state_dir to a directory on a writable disk",
        UnauthorizedAccessException => "start natt-tun as the directory's owner, or set state_dir to a directory of your own",
        _ => "set state_dir to a directory on a local disk that natt-tun may write to",
    };
}
