using NatT.EndToEnd.Tests.Lab;

namespace NatT.Interop.Tests.Kernel;

/// <summary>The far end of a natt-tun as plain Linux sets it up: xfrm states and policies with B's conf, and no daemon.</summary>
internal sealed class KernelPeer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);

    private readonly BackgroundProcess _encapsulationSocket;

    public KernelPeer(TestPeer peer, HostAddresses farInner, string ownOuter, string farOuter)
    {
        NetworkNamespace host = peer.Host;
        string script = Path.Combine(AppContext.BaseDirectory, "Kernel", "encap_socket.py");
        _encapsulationSocket = new BackgroundProcess("encap_socket.py", host.Inside("/usr/bin/python3", script, "1100"));
        _encapsulationSocket.WaitForLine("ready", StartLimit);

        PeerConfText conf = peer.Conf;
        host.Ip(StateOf(ownOuter, farOuter, conf["spi_out"]!, conf["enc_out"]!, conf["auth_out"]!));
        host.Ip(StateOf(farOuter, ownOuter, conf["spi_in"]!, conf["enc_in"]!, conf["auth_in"]!));
        foreach ((string own, string far, int bits) in new[] { (peer.Inner.V4, farInner.V4, 32), (peer.Inner.V6, farInner.V6, 128) })
        {
            host.Ip($"address add {own}/{bits} dev lo");
            host.Ip($"route add {far}/{bits} dev {NetworkLab.Outer} src {own}");
            host.Ip($"xfrm policy add src {own}/{bits} dst {far}/{bits} dir out {Template(ownOuter, farOuter)}");
            host.Ip($"xfrm policy add src {far}/{bits} dst {own}/{bits} dir in {Template(farOuter, ownOuter)}");
        }
    }

    /// <summary>The words after <c>ip</c>: tunnel mode, IPv4 or IPv6 inside, an RFC 4868 ICV, in UDP from port 1100 to port 1100.</summary>
    public static string StateOf(string source, string destination, string spi, string encryption, string authentication) =>
        $"xfrm state add src {source} dst {destination} proto esp spi {spi} reqid 1 mode tunnel replay-window 32 flag af-unspec"
        + $" enc cbc(aes) {encryption} auth-trunc hmac(sha256) {authentication} 128 encap espinudp 1100 1100 0.0.0.0";

    public void Dispose() => _encapsulationSocket.Dispose();

    private static string Template(string source, string destination) =>
        $"tmpl src {source} dst {destination} proto esp reqid 1 mode tunnel";
}
