using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;

namespace NatT.Kernel.Tests.Matrix;

/// <summary>A row with its addresses and keys: a peer of one natt-tun, and a pair of states and policies of one kernel.</summary>
internal sealed class MatrixPeer
{
    /// <summary>natt-tun's, for all peers.</summary>
    public static readonly HostAddresses OwnInner = new("10.77.0.1", "fd77::1");

    /// <summary>The kernel has one framing a port.</summary>
    public const int Port = 1100;
    public const int NonIkePort = 1101;

    private readonly MatrixRow _row;
    private readonly int _index;
    private readonly uint _lastNumber;
    private readonly HostAddresses _far;
    private readonly (string Encryption, string? Authentication) _toKernel;
    private readonly (string Encryption, string? Authentication) _fromKernel;

    /// <param name="index">Makes its SPIs, inner addresses and name.</param>
    /// <param name="lastNumber">After which both ends' sequence numbers start; natt-tun's are its journal's affair.</param>
    public MatrixPeer(MatrixRow row, int index, uint lastNumber = 0)
    {
        _row = row;
        _index = index;
        _lastNumber = lastNumber;
        _toKernel = row.Algorithm.DrawKeys();
        _fromKernel = row.Algorithm.DrawKeys();
        string last = $"{index / 250}.{1 + (index % 250)}";
        Inner = new HostAddresses($"10.78.{last}", $"fd78::{index + 1:x}");
        _far = row.IsTransport ? new HostAddresses($"198.18.{last}", $"2001:db8:1::{index + 1:x}") : KernelLab.OuterOfGuest;
    }

    /// <summary>The kernel's addresses in transport mode; natt-tun's host reaches them through the guest's own.</summary>
    public static readonly HostAddresses TransportNetworks = new("198.18.0.0/15", "2001:db8:1::/64");

    public string Name => $"row{_index}";

    public MatrixRow Row => _row;

    /// <summary>The kernel's end, for natt-tun's host.</summary>
    public HostAddresses Inner { get; }

    /// <summary>natt-tun's address and the kernel's, of each IP version inside.</summary>
    public IEnumerable<(string Own, string Kernel)> Pairs()
    {
        if (_row.HasInnerV4)
        {
            yield return (OwnInner.V4, Inner.V4);
        }

        if (_row.HasInnerV6)
        {
            yield return (OwnInner.V6, Inner.V6);
        }
    }

    /// <summary>The kernel's address and natt-tun's as the kernel knows them: in transport mode the outer ones.</summary>
    public IEnumerable<(string Kernel, string Own)> KernelPairs() =>
        _row.IsTransport ? [OuterPair] : Pairs().Select(pair => (pair.Kernel, pair.Own));

    public PeerConfText Conf(string stateDirectory)
    {
        var conf = new PeerConfText
        {
            ["mode"] = _row.IsTransport ? "transport" : null,
            ["remote_public_ip"] = OuterPair.Kernel,
            ["remote_port"] = $"{GuestPort}",
            ["local_private_ip"] = string.Join(", ", Pairs().Select(pair => pair.Own)),
            ["remote_private_ip"] = string.Join(", ", Pairs().Select(pair => pair.Kernel)),
            ["suite"] = _row.Algorithm.Suite,
            ["spi_out"] = SpiToKernel,
            ["spi_in"] = SpiFromKernel,
            ["enc_out"] = _toKernel.Encryption,
            ["enc_in"] = _fromKernel.Encryption,
            ["auth_out"] = _toKernel.Authentication,
            ["auth_in"] = _fromKernel.Authentication,
            ["icv_bits"] = _row.Algorithm.Suite == "aes-cbc-hmac-sha256" ? $"{_row.Algorithm.IcvBits}" : null,
            ["esn"] = _row.IsExtended ? "yes" : "no",
            ["replay_window"] = $"{_row.Window}",
            ["espmode"] = _row.IsFound ? "auto" : _row.Framing,
            ["state_dir"] = stateDirectory,
        };
        return conf;
    }

    /// <summary>What the kernel is told, each without the word <c>ip</c>.</summary>
    public IEnumerable<string> KernelLines()
    {
        (string own, string far) = OuterPair;
        (string sent, string received) = _lastNumber == 0 ? ("", "") : ($" replay-oseq {_lastNumber}", $" replay-seq {_lastNumber}");
        yield return State(own, far, SpiFromKernel, _fromKernel, $"{GuestPort} {Port}") + sent;
        yield return State(far, own, SpiToKernel, _toKernel, $"{Port} {GuestPort}") + received;
        foreach ((string kernel, string natt) in KernelPairs())
        {
            int bits = kernel.Contains(':', StringComparison.Ordinal) ? 128 : 32;
            yield return $"address add {kernel}/{bits} dev lo";
            yield return $"xfrm policy add src {kernel}/{bits} dst {natt}/{bits} dir out {Template(own, far)}";
            yield return $"xfrm policy add src {natt}/{bits} dst {kernel}/{bits} dir in {Template(far, own)}";
        }
    }

    private (string Kernel, string Own) OuterPair => _row.IsOuterV6 ? (_far.V6, KernelLab.OuterOfA.V6) : (_far.V4, KernelLab.OuterOfA.V4);

    /// <summary>A tunnel may carry either IP version.</summary>
    private string Flags => (_row.IsTransport, _row.IsExtended) switch
    {
        (false, false) => " flag af-unspec",
        (false, true) => " flag af-unspec esn",
        (true, false) => "",
        (true, true) => " flag esn",
    };

    private string Mode => _row.IsTransport ? "transport" : "tunnel";

    private int GuestPort => _row.Framing == MatrixRow.NonIke ? NonIkePort : Port;

    private string SpiToKernel => $"0x{0x10000 + _index:x8}";

    private string SpiFromKernel => $"0x{0x20000 + _index:x8}";

    private int RequestId => _index + 1;

    private string State(string source, string destination, string spi, (string, string?) keys, string ports) =>
        $"xfrm state add src {source} dst {destination} proto esp spi {spi} reqid {RequestId} mode {Mode}"
        + (_row.Window == 0 ? "" : $" replay-window {_row.Window}")
        + Flags + $" {_row.Algorithm.StateWords(keys)}"
        + $" encap {_row.Framing} {ports} 0.0.0.0";

    private string Template(string source, string destination) =>
        $"priority 10 tmpl src {source} dst {destination} proto esp reqid {RequestId} mode {Mode}";
}
