using NatT.EndToEnd.Tests.Lab;

namespace NatT.Kernel.Tests.Scripts;

/// <summary>What static-ipsec-nat-t makes of a conf of its own: <c>ip xfrm</c>'s words, at its own end and by ssh at the other.</summary>
/// <remarks>No more than it writes: no replay window, both directions under one SPI and key set, an ICV of 96 bits.</remarks>
internal sealed class ScriptsConf
{
    private const string DefaultFraming = "espinudp-nonike";

    private readonly Dictionary<string, string> _values;

    /// <param name="sample">The name of a file in <c>samples</c>.</param>
    /// <param name="natPort">What the scripts find in the far end's connection tracking; else the conf's.</param>
    /// <param name="isBehindNat">Else the machine itself has the address that the NAT has.</param>
    public ScriptsConf(string sample, int? natPort = null, bool isBehindNat = true)
    {
        _values = File.ReadAllLines(Path.Combine(Repository.Folder, "samples", sample))
            .Select(line => line.Split('=', 2)).ToDictionary(parts => parts[0].Trim(), parts => parts[1].Trim());
        if (!isBehindNat)
        {
            _values["ori_local_public_ip"] = _values["nat_local_public_ip"];
        }

        if (natPort is int port)
        {
            _values["nat_local_port"] = $"{port}";
        }
    }

    public string this[string key] => _values[key];

    /// <summary>At the end whose conf it is; its private address is on no other interface.</summary>
    public IEnumerable<string> Local() => Tunnel(
        this["ori_local_public_ip"], this["remote_public_ip"], this["local_private_ip"], this["remote_private_ip"],
        this["ori_local_port"], this["remote_port"]);

    /// <summary>At the other end, which has no conf.</summary>
    public IEnumerable<string> Remote() => Tunnel(
        this["remote_public_ip"], this["nat_local_public_ip"], this["remote_private_ip"], this["local_private_ip"],
        this["remote_port"], this["nat_local_port"]);

    public static string DeletionOf(string addition) =>
        addition.Replace(" add ", " del ", StringComparison.Ordinal).Split(" reqid ")[0].Split(" tmpl ")[0];

    private IEnumerable<string> Tunnel(
        string ownPublic, string farPublic, string ownPrivate, string farPrivate, string ownPort, string farPort)
    {
        yield return State(ownPublic, farPublic, ownPort, farPort);
        yield return State(farPublic, ownPublic, farPort, ownPort);
        yield return Policy(farPrivate, ownPrivate, "in", farPublic, ownPublic);
        yield return Policy(ownPrivate, farPrivate, "out", ownPublic, farPublic);
    }

    private string State(string source, string destination, string sourcePort, string destinationPort) =>
        $"xfrm state add src {source} dst {destination} proto esp spi {this["spi_id"]} reqid {this["spi_id"]} mode tunnel"
        + $" auth sha256 {this["auth_sha256"]} enc aes {this["enc_aes"]}"
        + $" encap {_values.GetValueOrDefault("espmode", DefaultFraming)} {sourcePort} {destinationPort} 0.0.0.0";

    private string Policy(string source, string destination, string direction, string outerSource, string outerDestination) =>
        $"xfrm policy add src {source} dst {destination} dir {direction} ptype main"
        + $" tmpl src {outerSource} dst {outerDestination} proto esp reqid {this["spi_id"]} mode tunnel";
}
