using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;

namespace NatT.Kernel.Tests.Matrix;

/// <summary>An ESP peer that is neither natt-tun nor Linux: <c>paddings.py</c>, which runs at one end and speaks with the other.</summary>
internal sealed class ForeignPeer
{
    public const string Name = "foreign";

    private const int Port = 1200;
    private const int KeyOctets = 32;
    private const string SpiToReceiver = "0x30001";
    private const string SpiFromReceiver = "0x30002";

    private readonly string _sender;
    private readonly string _receiver;
    private readonly string _inner;
    private readonly string _receiversInner;
    private readonly string[] _keys = [.. Enumerable.Range(0, 4).Select(_ => TunnelPair.RandomKey(KeyOctets))];

    private int _runs;

    private ForeignPeer(string sender, string receiver, string inner, string receiversInner)
    {
        _sender = sender;
        _receiver = receiver;
        _inner = inner;
        _receiversInner = receiversInner;
    }

    /// <summary>In the guest.</summary>
    public static ForeignPeer OfNattTun() =>
        new(KernelLab.OuterOfGuest.V4, KernelLab.OuterOfA.V4, "10.79.0.1", MatrixPeer.OwnInner.V4);

    /// <summary>On natt-tun's host.</summary>
    public static ForeignPeer OfKernel() => new(KernelLab.OuterOfA.V4, KernelLab.OuterOfGuest.V4, "10.79.0.2", "10.79.0.3");

    /// <summary>Above all sequence numbers of the runs before.</summary>
    public string NextNumber() => $"{++_runs * 100_000}";

    /// <summary>The peer's own.</summary>
    public PeerConfText Conf() => Conf(_receiver, MatrixPeer.Port, Port, (_inner, _receiversInner), "out", "in");

    /// <summary>natt-tun's.</summary>
    public PeerConfText NattTunConf(string stateDirectory)
    {
        PeerConfText conf = Conf(_sender, Port, MatrixPeer.Port, (_receiversInner, _inner), "in", "out");
        conf["espmode"] = "espinudp";
        conf["state_dir"] = stateDirectory;
        return conf;
    }

    /// <summary>What the kernel is told, each without the word <c>ip</c>.</summary>
    public IEnumerable<string> KernelLines()
    {
        yield return State(_sender, _receiver, SpiToReceiver, _keys[0], _keys[1], $"{Port} {MatrixPeer.Port}");
        yield return State(_receiver, _sender, SpiFromReceiver, _keys[2], _keys[3], $"{MatrixPeer.Port} {Port}");
        yield return $"address add {_receiversInner}/32 dev lo";
        yield return $"route add {_inner} dev {KernelGuest.Device}";
        yield return $"xfrm policy add src {_receiversInner} dst {_inner} dir out tmpl src {_receiver} dst {_sender} proto esp mode tunnel";
        yield return $"xfrm policy add src {_inner} dst {_receiversInner} dir in tmpl src {_sender} dst {_receiver} proto esp mode tunnel";
    }

    private static string State(string source, string destination, string spi, string encryption, string authentication, string ports) =>
        $"xfrm state add src {source} dst {destination} proto esp spi {spi} mode tunnel"
        + $" enc cbc(aes) {encryption} auth-trunc hmac(sha256) {authentication} 128 encap espinudp {ports} 0.0.0.0";

    private PeerConfText Conf(string remote, int remotePort, int ownPort, (string Own, string Far) inner, string toReceiver, string fromReceiver) =>
        new()
        {
            ["remote_public_ip"] = remote,
            ["remote_port"] = $"{remotePort}",
            ["ori_local_port"] = $"{ownPort}",
            ["local_private_ip"] = inner.Own,
            ["remote_private_ip"] = inner.Far,
            [$"spi_{toReceiver}"] = SpiToReceiver,
            [$"enc_{toReceiver}"] = _keys[0],
            [$"auth_{toReceiver}"] = _keys[1],
            [$"spi_{fromReceiver}"] = SpiFromReceiver,
            [$"enc_{fromReceiver}"] = _keys[2],
            [$"auth_{fromReceiver}"] = _keys[3],
        };
}
