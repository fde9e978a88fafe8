using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests.Transport;

/// <summary>
/// A kernel's outer address of its own, between which and natt-tun's everything is protected in transport mode; natt-tun's host
/// knows both by inner addresses of the same IP version.
/// </summary>
internal sealed class TransportPeer
{
    private const int Port = 1100;
    private const int NonIkePort = 1101;

    private readonly KernelAlgorithm _algorithm;
    private readonly string _framing;
    private readonly int _index;
    private readonly (string Encryption, string? Authentication) _toKernel;
    private readonly (string Encryption, string? Authentication) _fromKernel;

    /// <param name="name">Its own.</param>
    /// <param name="suite">What seals.</param>
    /// <param name="framing">As the kernel calls it.</param>
    /// <param name="isIPv6">Outside and inside.</param>
    /// <param name="index">Makes its SPIs and addresses.</param>
    public TransportPeer(string name, string suite, string framing, bool isIPv6, int index)
    {
        Name = name;
        IsIPv6 = isIPv6;
        _algorithm = KernelAlgorithm.All.Last(algorithm => algorithm.Suite == suite);
        _framing = framing;
        _index = index;
        _toKernel = _algorithm.DrawKeys();
        _fromKernel = _algorithm.DrawKeys();
    }

    public string Name { get; }

    public bool IsIPv6 { get; }

    /// <summary>natt-tun's address, for the kernel.</summary>
    public string OwnOuter => IsIPv6 ? KernelLab.OuterOfA.V6 : KernelLab.OuterOfA.V4;

    /// <summary>natt-tun's address, for its own host.</summary>
    public string OwnInner => IsIPv6 ? "fd77::1" : "10.77.0.1";

    /// <summary>The kernel's address, for itself.</summary>
    public string KernelOuter => IsIPv6 ? $"2001:db8::1{_index:x2}" : $"192.0.2.{100 + _index}";

    /// <summary>The kernel's address, for natt-tun's host.</summary>
    public string KernelInner => IsIPv6 ? $"fd78::{_index + 1:x}" : $"10.78.0.{1 + _index}";

    private int KernelPort => _framing == MatrixRow.NonIke ? NonIkePort : Port;

    private string SpiToKernel => $"0x{0x10000 + _index:x8}";

    private string SpiFromKernel => $"0x{0x20000 + _index:x8}";

    public PeerConfText Conf(string stateDirectory) => new()
    {
        ["mode"] = "transport",
        ["remote_public_ip"] = KernelOuter,
        ["remote_port"] = $"{KernelPort}",
        ["local_private_ip"] = OwnInner,
        ["remote_private_ip"] = KernelInner,
        ["suite"] = _algorithm.Suite,
        ["icv_bits"] = $"{_algorithm.IcvBits}",
        ["spi_out"] = SpiToKernel,
        ["spi_in"] = SpiFromKernel,
        ["enc_out"] = _toKernel.Encryption,
        ["enc_in"] = _fromKernel.Encryption,
        ["auth_out"] = _toKernel.Authentication,
        ["auth_in"] = _fromKernel.Authentication,
        ["state_dir"] = stateDirectory,
    };

    /// <summary>Has the kernel take its datagrams for ESP.</summary>
    public void OpenSocket(KernelGuest guest) => guest.Encapsulate(
        KernelOuter, KernelPort, _framing == MatrixRow.NonIke ? Encapsulation.EspInUdpNonIke : Encapsulation.EspInUdp);

    /// <summary>The address, which the socket needs, without the word <c>ip</c>.</summary>
    public string AddressLine() => $"address add {KernelOuter}/{(IsIPv6 ? "64" : "24")} dev {KernelGuest.Device}{(IsIPv6 ? " nodad" : "")}";

    /// <summary>States and policies, without the word <c>ip</c>.</summary>
    public IEnumerable<string> XfrmLines()
    {
        yield return State(KernelOuter, OwnOuter, SpiFromKernel, _fromKernel, $"{KernelPort} {Port}");
        yield return State(OwnOuter, KernelOuter, SpiToKernel, _toKernel, $"{Port} {KernelPort}");
        yield return $"xfrm policy add src {KernelOuter} dst {OwnOuter} dir out priority 10 {Template(KernelOuter, OwnOuter)}";
        yield return $"xfrm policy add src {OwnOuter} dst {KernelOuter} dir in priority 10 {Template(OwnOuter, KernelOuter)}";

        // What brings the protected packets must not have to be protected itself, nor what finds the neighbour.
        yield return $"xfrm policy add src {OwnOuter} dst {KernelOuter} proto udp dport {KernelPort} dir in priority 1";
        if (IsIPv6)
        {
            foreach (int type in new[] { 135, 136 })
            {
                yield return $"xfrm policy add src {KernelOuter} dst {OwnOuter} proto ipv6-icmp type {type} dir out priority 1";
                yield return $"xfrm policy add src {OwnOuter} dst {KernelOuter} proto ipv6-icmp type {type} dir in priority 1";
            }
        }
    }

    private string State(string source, string destination, string spi, (string, string?) keys, string ports) =>
        $"xfrm state add src {source} dst {destination} proto esp spi {spi} reqid {_index + 1} mode transport replay-window 64"
        + $" {_algorithm.StateWords(keys)} encap {_framing} {ports} 0.0.0.0";

    private string Template(string source, string destination) =>
        $"tmpl src {source} dst {destination} proto esp reqid {_index + 1} mode transport";
}
