using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests.Rekeying;

/// <summary>A peer of natt-tun that a kernel is, whose SAs somebody replaces by <c>ip xfrm</c>.</summary>
/// <param name="name">Its own.</param>
/// <param name="algorithm">As <see cref="KernelAlgorithm"/> calls it.</param>
/// <param name="isOuterV6">Else IPv4.</param>
/// <param name="namesSpi">The kernel's outbound policies say by which SPI to send.</param>
/// <param name="index">Makes its SPIs and addresses.</param>
internal sealed class RekeyedPeer(string name, string algorithm, bool isOuterV6, bool namesSpi, int index)
{
    private const string Framing = "espinudp";

    private readonly KernelAlgorithm _algorithm = KernelAlgorithm.All.Single(candidate => candidate.Name == algorithm);
    private readonly PeerConfText _keys = DrawKeys(KernelAlgorithm.All.Single(candidate => candidate.Name == algorithm), index);

    public string Name { get; } = name;

    public HostAddresses Inner { get; } = new($"10.78.0.{index + 1}", $"fd78::{index + 1:x}");

    private string Own => isOuterV6 ? KernelLab.OuterOfA.V6 : KernelLab.OuterOfA.V4;

    private string Kernel => isOuterV6 ? KernelLab.OuterOfGuest.V6 : KernelLab.OuterOfGuest.V4;

    public PeerConfText Conf(string stateDirectory)
    {
        PeerConfText conf = _keys.Copy();
        conf["remote_public_ip"] = Kernel;
        conf["local_private_ip"] = $"{MatrixPeer.OwnInner.V4}, {MatrixPeer.OwnInner.V6}";
        conf["remote_private_ip"] = $"{Inner.V4}, {Inner.V6}";
        conf["suite"] = _algorithm.Suite;
        conf["icv_bits"] = $"{_algorithm.IcvBits}";
        conf["state_dir"] = stateDirectory;
        return conf;
    }

    /// <summary>Addresses, policies and the first pair of states, each without the word <c>ip</c>.</summary>
    public IEnumerable<string> FirstLines()
    {
        yield return AddInbound(_keys["spi_out"]!, (_keys["enc_out"]!, _keys["auth_out"]));
        yield return AddOutbound(_keys["spi_in"]!, (_keys["enc_in"]!, _keys["auth_in"]));
        foreach ((string own, string inner, int bits) in InnerPairs())
        {
            yield return $"address add {inner}/{bits} dev lo";
            yield return $"xfrm policy add src {own} dst {inner} dir in {Template(Own, Kernel)}";
            yield return OutboundPolicy("add", own, inner, _keys["spi_in"]!);
        }
    }

    /// <summary>The SA under which natt-tun is going to send. The keys are the kernel's end's, as natt-tun wrote them.</summary>
    public string AddNextInbound(IReadOnlyDictionary<string, string> next) =>
        AddInbound(next["next_spi_in"], (next["next_enc_in"], next.GetValueOrDefault("next_auth_in")));

    /// <summary>The SA under which the kernel is going to send.</summary>
    public string AddNextOutbound(IReadOnlyDictionary<string, string> next) =>
        AddOutbound(next["next_spi_out"], (next["next_enc_out"], next.GetValueOrDefault("next_auth_out")));

    /// <summary>What moves the kernel where its policies name the SPI.</summary>
    public IEnumerable<string> NameNextOutbound(IReadOnlyDictionary<string, string> next) =>
        InnerPairs().Select(pair => OutboundPolicy("update", pair.Own, pair.Inner, next["next_spi_out"]));

    public string DeleteFirstInbound() => $"xfrm state delete src {Own} dst {Kernel} proto esp spi {_keys["spi_out"]}";

    public string DeleteFirstOutbound() => $"xfrm state delete src {Kernel} dst {Own} proto esp spi {_keys["spi_in"]}";

    private static PeerConfText DrawKeys(KernelAlgorithm algorithm, int index)
    {
        var keys = new PeerConfText { ["spi_out"] = $"0x{0x10000 + index:x8}", ["spi_in"] = $"0x{0x20000 + index:x8}" };
        (keys["enc_out"], keys["auth_out"]) = algorithm.DrawKeys();
        (keys["enc_in"], keys["auth_in"]) = algorithm.DrawKeys();
        return keys;
    }

    private IEnumerable<(string Own, string Inner, int Bits)> InnerPairs() =>
        [(MatrixPeer.OwnInner.V4, Inner.V4, 32), (MatrixPeer.OwnInner.V6, Inner.V6, 128)];

    private string AddInbound(string spi, (string, string?) keys) => AddState(Own, Kernel, spi, keys);

    private string AddOutbound(string spi, (string, string?) keys) => AddState(Kernel, Own, spi, keys);

    private string AddState(string source, string destination, string spi, (string, string?) keys) =>
        $"xfrm state add src {source} dst {destination} proto esp spi {spi} reqid {index + 1} mode tunnel replay-window 64 flag af-unspec"
        + $" {_algorithm.StateWords(keys)} encap {Framing} {MatrixPeer.Port} {MatrixPeer.Port} 0.0.0.0";

    private string OutboundPolicy(string verb, string own, string inner, string spi) =>
        $"xfrm policy {verb} src {inner} dst {own} dir out {Template(Kernel, Own, namesSpi ? $" spi {spi}" : "")}";

    private string Template(string source, string destination, string spi = "") =>
        $"tmpl src {source} dst {destination} proto esp{spi} reqid {index + 1} mode tunnel";
}
