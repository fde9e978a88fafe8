namespace NatT.EndToEnd.Tests.Lab;

/// <summary>Two peers, of which A's packets are moved by another user than root, for all tests of a class.</summary>
public sealed class SharedUserPair : IDisposable
{
    public const string User = "nobody";
    public const uint UserId = 65534;

    // The build and the runtime may lie in folders of root's, and the user's process has to read them as it goes.
    private static readonly string[] WhereAllMayRead =
    [
        "sh", "-euc",
        """
        mount -t tmpfs -o mode=755 own /mnt
        mkdir /mnt/natt-tun /mnt/dotnet
        mount --bind "$(dirname "$2")" /mnt/natt-tun
        mount --bind "$1" /mnt/dotnet
        export DOTNET_ROOT=/mnt/dotnet
        program=/mnt/natt-tun/$(basename "$2")
        shift 2
        exec "$program" "$@"
        """,
        "sh", Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "../../..")),
    ];

    private readonly Lazy<TunnelPair> _pair;

    public SharedUserPair()
    {
        _pair = new Lazy<TunnelPair>(() =>
        {
            var pair = new TunnelPair();
            Start(pair);
            pair.B.Start();
            pair.A.Process.WaitForLine("peer a is up");
            pair.B.Process.WaitForLine("peer b is up");
            return pair;
        });
    }

    internal TunnelPair Pair => _pair.Value;

    /// <summary>Starts A, and waits until its device is up.</summary>
    internal static void Start(TunnelPair pair)
    {
        pair.A.Conf["user"] = User;
        pair.A.OpenFolder();
        pair.A.Start(WhereAllMayRead);
    }

    public void Dispose()
    {
        if (_pair.IsValueCreated)
        {
            _pair.Value.Dispose();
        }
    }
}
