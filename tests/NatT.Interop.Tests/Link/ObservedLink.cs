using NatT.EndToEnd.Tests.Lab;

namespace NatT.Interop.Tests.Link;

/// <summary>
/// Puts a bridge between the hosts of a <see cref="NetworkLab"/>: A ═ bridge ═ B. A veth carries frames as its sender left them,
/// checksums not filled in and large sends not cut; what leaves the bridge's ports is what a real link would carry.
/// </summary>
internal sealed class ObservedLink : IDisposable
{
    private readonly NetworkNamespace _bridge;

    public ObservedLink(NetworkLab lab)
    {
        _bridge = new NetworkNamespace($"{lab.A.Name}-link");
        lab.A.Ip($"link delete {NetworkLab.Outer}");
        _bridge.Ip("link add bridge type bridge mcast_snooping 0");
        _bridge.Ip("link set bridge up");
        Attach(lab.A, "to-a", lab.OuterOfA);
        Attach(lab.B, "to-b", lab.OuterOfB);
        string script = Path.Combine(AppContext.BaseDirectory, "Link", "no_offload.py");
        _bridge.Run("/usr/bin/python3", script, "to-a", "to-b").OutputOrFail();
    }

    /// <summary>Of the tunnel's frames, each once, both directions.</summary>
    public Capture StartCapture() => new(_bridge, "any", "outbound and (udp port 1100 or ip[6:2] & 0x3fff != 0)");

    public void Dispose() => _bridge.Dispose();

    private void Attach(NetworkNamespace host, string port, HostAddresses addresses)
    {
        _bridge.Ip($"link add {port} type veth peer name {NetworkLab.Outer} netns {host.Name}");
        _bridge.Ip($"link set {port} master bridge up");
        host.Ip($"link set {NetworkLab.Outer} up");
        host.Ip($"address add {addresses.V4}/24 dev {NetworkLab.Outer}");
        host.Ip($"address add {addresses.V6}/64 dev {NetworkLab.Outer} nodad");
    }
}
