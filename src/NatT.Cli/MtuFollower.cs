using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;

namespace NatT.Cli;

/// <summary>
/// Makes the device's MTU, and what each peer's monitor believes of its path, follow the outer interfaces and routes. One thread,
/// but for <see cref="Follow"/>.
/// </summary>
internal sealed partial class MtuFollower
{
    /// <summary>Below this IPv4 does not run over a link (RFC 791).</summary>
    private const int SmallestForIPv4 = 68;

    private const string AnyInterface = "any interface";

    private readonly Lock _gate = new();
    private ImmutableArray<FollowedPeer> _peers;
    private FollowedPath[] _paths;
    private FollowedDevice _device;
    private readonly ILinkMtus _links;
    private readonly ILogger _logger;
    private int _deviceMtu;
    private bool _wasRefused;

    // Peers were added: their paths were not measured yet.
    private bool _arePeersNew;

    public MtuFollower(ImmutableArray<FollowedPeer> peers, FollowedDevice device, ILinkMtus links, ILogger logger)
    {
        _peers = peers;
        _paths = new FollowedPath[peers.Length];
        _device = device;
        _links = links;
        _logger = logger;
        _deviceMtu = device.Mtu;
        for (int i = 0; i < peers.Length; i++)
        {
            _paths[i].Told = device.Mtu;
        }
    }

    private bool IsOurs => !_device.IsPersistent && _device.ConfMtu is null;

    /// <summary>Measures the paths of those peers that moved, or of all, and passes on what is new.</summary>
    /// <param name="hasNetworkChanged">Whether interfaces or routes may be others than at the last call.</param>
    /// <exception cref="IOException">The kernel does not tell; the next call may fare better.</exception>
    public void Update(bool hasNetworkChanged)
    {
        lock (_gate)
        {
            UpdateAll(hasNetworkChanged || _arePeersNew);
            _arePeersNew = false;
        }
    }

    /// <summary>There are other peers from now on; what is known of those that stay stays known. Any thread.</summary>
    public void Follow(ImmutableArray<FollowedPeer> peers, bool hasIPv6)
    {
        lock (_gate)
        {
            var known = new Dictionary<PeerMonitor, FollowedPath>();
            for (int i = 0; i < _peers.Length; i++)
            {
                known.Add(_peers[i].Monitor, _paths[i]);
            }

            _paths = new FollowedPath[peers.Length];
            for (int i = 0; i < peers.Length; i++)
            {
                if (known.TryGetValue(peers[i].Monitor, out FollowedPath path))
                {
                    _paths[i] = path;
                    continue;
                }

                _paths[i].Told = _deviceMtu;
                peers[i].Monitor.AssumeMtu(_deviceMtu);
            }

            _peers = peers;
            _device = _device with { HasIPv6 = hasIPv6 };
            _arePeersNew = true;
        }
    }

    private void UpdateAll(bool hasNetworkChanged)
    {
        if (!Measure(hasNetworkChanged) && !hasNetworkChanged)
        {
            return;
        }

        int before = _deviceMtu;
        int ceiling = IsOurs ? FollowDevice() : Math.Min(_device.ConfMtu ?? int.MaxValue, _device.IsPersistent ? _links.DeviceMtu : int.MaxValue);
        Tell(ceiling, isLogged: before == _deviceMtu);
    }

    /// <summary>Returns whether any was measured.</summary>
    private bool Measure(bool all)
    {
        // Thousands of peers have few different paths, where most of them are still to be heard from.
        Dictionary<PeerPath, (InnerMtu Mtu, string? Interface, bool IsKnown)>? measured = null;
        for (int i = 0; i < _peers.Length; i++)
        {
            FollowedPeer peer = _peers[i];
            ref FollowedPath last = ref _paths[i];
            PeerRoute route = peer.Monitor.Route;
            if (!all && route.Endpoint?.Address == last.Address && route.Framing == last.Framing)
            {
                continue;
            }

            PeerPath path = route.Endpoint is OuterEndpoint endpoint
                ? peer.Path with { Address = endpoint.Address, IsIPv6 = peer.Path.IsIPv6 || endpoint.Address.IsIPv6 }
                : peer.Path;
            measured ??= [];
            if (!measured.TryGetValue(path, out (InnerMtu Mtu, string? Interface, bool IsKnown) found))
            {
                found = _links.Measure(path);
                measured.Add(path, found);
            }

            Note(ref last, route, found.Mtu, found.Interface, found.IsKnown);
        }

        return measured is not null;
    }

    private static void Note(ref FollowedPath last, PeerRoute route, InnerMtu mtu, string? through, bool isKnown)
    {
        last.Address = route.Endpoint?.Address;
        last.Framing = route.Framing;

        // A route that is gone for a moment, as while it is replaced, says nothing about the next.
        if (!isKnown && last.WasMeasured)
        {
            return;
        }

        last.WasMeasured = isKnown;
        last.Interface = through;
        last.Reserved = mtu.Value;
        last.Exact = route.Endpoint is OuterEndpoint endpoint
            ? (mtu with { IsIPv6 = endpoint.Address.IsIPv6, MarkerSize = UdpEncapsulation.MarkerSize(route.Framing) }).Value
            : int.MaxValue;
    }

    /// <summary>Gives the device the smallest MTU that any peer needs, and returns the one it has.</summary>
    private int FollowDevice()
    {
        ref FollowedPath narrowest = ref _paths[IndexOfSmallest(path => path.Reserved)];
        int fits = narrowest.Reserved;
        string through = narrowest.Interface ?? AnyInterface;
        int wanted = Math.Max(fits, _device.HasIPv6 ? InnerMtu.SmallestForIPv6 : SmallestForIPv4);
        if (wanted == _deviceMtu)
        {
            return wanted;
        }

        try
        {
            _links.SetDeviceMtu(wanted);
        }
        catch (IOException e)
        {
            if (!_wasRefused)
            {
                _wasRefused = true;
                LogRefused(_logger, _device.Name, _deviceMtu, wanted, through, e.Message);
            }

            return _deviceMtu;
        }

        LogDevice(_logger, _device.Name, wanted, _deviceMtu, fits, through);
        _wasRefused = false;
        _deviceMtu = wanted;
        return wanted;
    }

    private void Tell(int ceiling, bool isLogged)
    {
        int before = _paths[IndexOfSmallest(path => path.Told)].Told;
        for (int i = 0; i < _paths.Length; i++)
        {
            int fits = Math.Max(Math.Min(ceiling, _paths[i].Exact), SmallestForIPv4);
            if (fits != _paths[i].Told)
            {
                _paths[i].Told = fits;
                _peers[i].Monitor.AssumeMtu(fits);
            }
        }

        ref FollowedPath narrowest = ref _paths[IndexOfSmallest(path => path.Told)];
        if (isLogged && narrowest.Told != before)
        {
            string through = narrowest.Interface ?? AnyInterface;
            LogFits(_logger, narrowest.Told, before, through, _device.Name);
        }
    }

    private int IndexOfSmallest(Func<FollowedPath, int> octets)
    {
        int smallest = 0;
        for (int i = 1; i < _paths.Length; i++)
        {
            smallest = octets(_paths[i]) < octets(_paths[smallest]) ? i : smallest;
        }

        return smallest;
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "device {Device} has MTU {Mtu} now, not {Before}: packets of {Octets} octets fit through {Interface}")]
    private static partial void LogDevice(ILogger logger, string device, int mtu, int before, int octets, string @interface);

    [LoggerMessage(Level = LogLevel.Information,
        Message = "packets of {Octets} octets fit through {Interface} now, not {Before}; device {Device} keeps its MTU")]
    private static partial void LogFits(ILogger logger, int octets, int before, string @interface, string device);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "device {Device} keeps MTU {Mtu}, though it should have {Wanted} by now, which fits through {Interface}: {Problem}")]
    private static partial void LogRefused(ILogger logger, string device, int mtu, int wanted, string @interface, string problem);
}
