using System.Collections.Immutable;
using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Configuration;

/// <summary>The inner side of the tunnel: <c>local_private_ip</c>, <c>remote_private_ip</c> and <c>dpd_target</c>.</summary>
internal sealed class InnerNetwork
{
    private readonly ConfDocument _document;
    private readonly ImmutableArray<InnerRange> _local;
    private readonly ImmutableArray<InnerRange> _remote;

    private InnerNetwork(ConfDocument document)
    {
        _document = document;
        _local = ReadRanges(ConfKeys.LocalPrivateIp);
        _remote = ReadRanges(ConfKeys.RemotePrivateIp);
        DeviceAddresses = [.. _local.Where(range => range.HasHost).Select(range => new DeviceAddress(range.Address, range.Range.Length))];
        Selector = new TrafficSelector(
            _local.Select(range => range.Range).Distinct(), _remote.Select(range => range.Range).Distinct());
    }

    public ImmutableArray<DeviceAddress> DeviceAddresses { get; }

    public TrafficSelector Selector { get; }

    public IpAddress? ProbeSource { get; private set; }

    public IpAddress? ProbeTarget { get; private set; }

    public bool HasIPv6 => _local.Concat(_remote).Any(range => range.Address.IsIPv6);

    public static InnerNetwork Read(ConfDocument document)
    {
        var inner = new InnerNetwork(document);
        if (!inner._local.IsEmpty && !inner._remote.IsEmpty)
        {
            inner.CheckFamilies();
            inner.CheckOwnAddresses();
            inner.ReadProbe();
        }
        else
        {
            document.ReadAddress(ConfKeys.DpdTarget);
        }

        return inner;
    }

    /// <summary>Packets to the peer itself must not be routed into the tunnel that they carry.</summary>
    public void CheckAgainst(OuterPath outer)
    {
        if (_document.Find(ConfKeys.RemotePrivateIp) is not { } remoteEntry)
        {
            return;
        }

        if (outer.RemoteAddress is { } peer && _remote.Any(range => range.Range.Contains(peer)))
        {
            _document.Refuse(
                remoteEntry,
                $"holds remote_public_ip {peer}, so the tunnel would carry its own packets, write networks that leave it out");
        }
        else if (outer.RemoteAddress is null && _remote.Any(range => range.Range.Length == 0))
        {
            _document.Warn(
                remoteEntry,
                "holds every address, the peer's own included: without a host route to the peer the tunnel would carry its own packets");
        }

        if (outer.BindAddress is { } bind && DeviceAddresses.Any(address => address.Address == bind))
        {
            _document.Refuse(
                _document.Find(ConfKeys.LocalPrivateIp)!,
                $"holds ori_local_public_ip {bind}, write an address of its own for the inside of the tunnel");
        }
    }

    /// <summary>
    /// Under one key set an attacker can send us our own packets back: only selectors that do not meet tell them from the peer's.
    /// </summary>
    public void CheckOverlap(bool sharesKeys)
    {
        foreach (InnerRange local in _local)
        {
            foreach (InnerRange remote in _remote.Where(remote => remote.Range.Overlaps(local.Range)))
            {
                // CheckOwnAddresses has said so, and better.
                if (remote.HasHost && IsOurs(remote.Address))
                {
                    return;
                }

                ReportOverlap(local, remote, sharesKeys);
                return;
            }
        }
    }

    /// <summary>In transport mode the inner addresses do not travel: each end puts the same two into every packet.</summary>
    public void CheckTransport()
    {
        CheckTransport(ConfKeys.LocalPrivateIp, _local);
        CheckTransport(ConfKeys.RemotePrivateIp, _remote);
    }

    private void CheckTransport(string key, ImmutableArray<InnerRange> ranges)
    {
        int line = _document.Find(ConfKeys.Mode)!.Line;
        if (ranges.Length > 1)
        {
            _document.Refuse(_document.Find(key)!, $"{ranges.Length} of them, but mode = {Protocol.TransportMode} on line {line} "
                + $"goes from one address to one, write a single address, or use mode = tunnel");
        }
        else if (ranges is [{ Range.IsHost: false } network])
        {
            _document.Refuse(_document.Find(key)!, $"{network} is a network, but mode = {Protocol.TransportMode} on line {line} "
                + $"goes from one address to one, write an address without /{network.Range.Length}, or use mode = tunnel");
        }
    }

    private void ReportOverlap(InnerRange local, InnerRange remote, bool sharesKeys)
    {
        ConfEntry entry = _document.Find(ConfKeys.RemotePrivateIp)!;
        string overlap = $"{remote.Range} meets {local.Range} of local_private_ip";
        if (sharesKeys)
        {
            _document.Refuse(
                entry,
                $"{overlap}, which takes keys of its own for each direction, " +
                "write ranges apart (bare addresses will do), or enc_in, enc_out, auth_in and auth_out");
        }
        else if (local.Range == remote.Range)
        {
            _document.Refuse(entry, $"{overlap}, so no packet has a side to go to, write ranges apart (bare addresses will do)");
        }
        else
        {
            _document.Warn(entry, $"{overlap}: an address in both counts as the narrower one's");
        }
    }

    private ImmutableArray<InnerRange> ReadRanges(string key)
    {
        ConfEntry? entry = _document.Find(key);
        if (entry is null)
        {
            _document.RefuseMissing(key, key == ConfKeys.LocalPrivateIp
                ? "missing, write the address this end has inside the tunnel, such as 10.77.0.1"
                : "missing, write the peer's address inside the tunnel, such as 10.77.0.2, or the networks behind it");
            return [];
        }

        ImmutableArray<InnerRange>.Builder ranges = ImmutableArray.CreateBuilder<InnerRange>();
        bool areGood = true;
        foreach (string text in entry.Text.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
        {
            string? wrong = InnerRange.TryParse(text, out InnerRange range);
            if (wrong is not null)
            {
                _document.Refuse(entry, wrong);
                areGood = false;
            }
            else if (!ranges.Contains(range))
            {
                ranges.Add(range);
            }
        }

        if (areGood && ranges.Count == 0)
        {
            _document.Refuse(entry, "no address in this list, write at least one");
        }

        // A list in part would only raise problems that the mended list does not have.
        return areGood ? ranges.ToImmutable() : [];
    }

    private void CheckFamilies()
    {
        CheckFamily(isIPv6: false, "IPv4");
        CheckFamily(isIPv6: true, "IPv6");
    }

    private void CheckFamily(bool isIPv6, string family)
    {
        bool isLocal = _local.Any(range => range.Address.IsIPv6 == isIPv6);
        if (isLocal == _remote.Any(range => range.Address.IsIPv6 == isIPv6))
        {
            return;
        }

        (string given, string lacking) = isLocal
            ? (ConfKeys.LocalPrivateIp, ConfKeys.RemotePrivateIp)
            : (ConfKeys.RemotePrivateIp, ConfKeys.LocalPrivateIp);
        _document.Refuse(_document.Find(lacking)!, $"no {family} here while {given} has it, add an {family} address or remove it there");
    }

    private void CheckOwnAddresses()
    {
        foreach (InnerRange remote in _remote.Where(range => range.HasHost && IsOurs(range.Address)))
        {
            _document.Refuse(
                _document.Find(ConfKeys.RemotePrivateIp)!,
                $"{remote.Address} is in local_private_ip too, write the peer's own address");
        }
    }

    private void ReadProbe()
    {
        ConfEntry? entry = _document.Find(ConfKeys.DpdTarget);
        IpAddress? target = entry is null ? FirstRemoteHost() : ReadTarget();
        if (target is null)
        {
            if (entry is null)
            {
                _document.Warn(
                    _document.Find(ConfKeys.RemotePrivateIp)!,
                    "no host address here to probe, so a dead peer goes unnoticed: " +
                    "add dpd_target = an address of the peer inside the tunnel");
            }

            return;
        }

        foreach (DeviceAddress address in DeviceAddresses.Where(address => address.Address.IsIPv6 == target.Value.IsIPv6))
        {
            ProbeSource = address.Address;
            ProbeTarget = target;
            return;
        }

        _document.Warn(
            _document.Find(ConfKeys.LocalPrivateIp)!,
            $"no address here to probe {target} from, so a dead peer goes unnoticed: " +
            "add one, such as 10.1.0.1/24 for the network 10.1.0.0/24");
    }

    // The first that we have an address to probe from, else the first at all.
    private IpAddress? FirstRemoteHost()
    {
        InnerRange[] hosts = [.. _remote.Where(range => range.HasHost)];
        return hosts
            .OrderBy(host => DeviceAddresses.Any(address => address.Address.IsIPv6 == host.Address.IsIPv6) ? 0 : 1)
            .Select(host => (IpAddress?)host.Address)
            .FirstOrDefault();
    }

    private IpAddress? ReadTarget()
    {
        ConfEntry entry = _document.Find(ConfKeys.DpdTarget)!;
        if (_document.ReadAddress(ConfKeys.DpdTarget) is not { } target)
        {
            return null;
        }

        if (!_remote.Any(range => range.Range.Contains(target)) || IsOurs(target))
        {
            _document.Refuse(entry, $"{target} is not the peer's, write an address within remote_private_ip");
            return null;
        }

        return target;
    }

    private bool IsOurs(IpAddress address) => DeviceAddresses.Any(own => own.Address == address);
}
