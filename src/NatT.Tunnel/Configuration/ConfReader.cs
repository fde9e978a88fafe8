namespace NatT.Tunnel.Configuration;

/// <summary>Makes a <see cref="PeerConf"/> of a conf file, or a list of everything that is wrong with it.</summary>
public static class ConfReader
{
    private const int MinMtu = 576;

    /// <summary>RFC 8200 §5: no link with IPv6 on it may have less.</summary>
    internal const int MinMtuIPv6 = 1280;

    private const int MostWorkers = 16;

    /// <summary>Reads the file; no state of it, nor of its folder, throws.</summary>
    public static ConfResult Read(string path, ConfFileInspector inspect)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(inspect);
        using ConfOctets text = Fetch(path, new ConfFolders(inspect));
        return Read(text);
    }

    /// <summary>Reads one file of several: what is wrong with a folder is told once, with the first file in it.</summary>
    internal static ConfOctets Fetch(string path, ConfFolders folders)
    {
        var document = new ConfDocument(path);
        byte[]? octets = ConfFile.TryRead(document, folders, out int length);
        return new ConfOctets(path, octets, length, document.Problems);
    }

    /// <summary>Parses what was fetched; the caller disposes it.</summary>
    internal static ConfResult Read(ConfOctets text)
    {
        var document = new ConfDocument(text.File);
        foreach (ConfProblem problem in text.Problems)
        {
            document.Refuse(problem.Line, problem.Key, problem.Text);
        }

        return text.WasRead ? Parse(document, text.Content) : new ConfResult(document.Problems);
    }

    /// <summary>Parses a conf file's octets, unquoting values in place; the caller wipes them.</summary>
    /// <param name="file">What problems and notices call the file.</param>
    /// <param name="octets">Its content.</param>
    public static ConfResult Parse(string file, Memory<byte> octets)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Parse(new ConfDocument(file), octets);
    }

    private static ConfResult Parse(ConfDocument document, Memory<byte> octets)
    {
        if (!ConfSyntax.TryRead(octets, document))
        {
            return new ConfResult(document.Problems);
        }

        OuterPath outer = OuterPath.Read(document);
        InnerNetwork inner = InnerNetwork.Read(document);
        Protocol protocol = Protocol.Read(document);
        Associations associations = Associations.Read(document, protocol.Suite);
        var next = NextAssociations.Read(document, protocol.Suite);
        next.CheckAgainst(associations.Inbound, associations.Outbound);
        inner.CheckAgainst(outer);
        inner.CheckOverlap(associations.SharesKeys || next.SharesKeys);
        if (protocol.IsTransport)
        {
            inner.CheckTransport();
        }

        PeerConf? conf = Compose(document, outer, inner, protocol, associations, next);
        if (conf is null || document.HasProblems)
        {
            associations.Wipe();
            next.Wipe();
            return new ConfResult(document.Problems);
        }

        return new ConfResult(conf);
    }

    private static PeerConf? Compose(
        ConfDocument document,
        OuterPath outer,
        InnerNetwork inner,
        Protocol protocol,
        Associations associations,
        NextAssociations next)
    {
        TimeSpan? retireAfter = document.ReadSeconds(ConfKeys.RetireAfter);
        TimeSpan? keepalive = document.ReadSeconds(ConfKeys.Keepalive);
        TimeSpan? dpdInterval = document.ReadSeconds(ConfKeys.DpdInterval);
        int? dpdMisses = document.ReadInteger(ConfKeys.DpdMisses, 1, 100);
        string? tunName = document.ReadInterfaceName(ConfKeys.TunName);
        int? mtu = inner.HasIPv6
            ? document.ReadInteger(ConfKeys.Mtu, MinMtuIPv6, ushort.MaxValue, $" (IPv6 inside needs {MinMtuIPv6})")
            : document.ReadInteger(ConfKeys.Mtu, MinMtu, ushort.MaxValue);
        bool? tunOffload = document.ReadYesNo(ConfKeys.TunOffload);
        bool? udpOffload = document.ReadYesNo(ConfKeys.UdpOffload);
        int? workers = document.ReadInteger(ConfKeys.Workers, 1, MostWorkers);
        string? user = document.ReadUserName(ConfKeys.User);
        string? stateDirectory = ReadStateDirectory(document);
        if (associations.Inbound is not { } inbound || associations.Outbound is not { } outbound)
        {
            return null;
        }

        return new PeerConf
        {
            File = document.File,
            Name = PeerNames.Of(document.File),
            BindAddress = outer.BindAddress,
            BindPort = outer.BindPort,
            OuterInterface = outer.Interface,
            NatAddress = outer.NatAddress,
            NatPort = outer.NatPort,
            RemoteHost = outer.RemoteHost,
            RemotePort = outer.RemotePort,
            DeviceAddresses = inner.DeviceAddresses,
            Selector = inner.Selector,
            ProbeSource = inner.ProbeSource,
            ProbeTarget = inner.ProbeTarget,
            Inbound = inbound,
            Outbound = outbound,
            NextInbound = next.Inbound,
            NextOutbound = next.Outbound,
            RetireAfter = retireAfter > TimeSpan.Zero ? retireAfter : null,
            Suite = protocol.Suite,
            IsTransport = protocol.IsTransport,
            Framing = protocol.Framing,
            IcvBits = protocol.IcvBits,
            ExtendedSequenceNumbers = protocol.ExtendedSequenceNumbers,
            ReplayWindow = protocol.ReplayWindow,
            Keepalive = keepalive ?? PeerConf.DefaultKeepalive,
            DpdInterval = dpdInterval ?? PeerConf.DefaultDpdInterval,
            DpdMisses = dpdMisses ?? PeerConf.DefaultDpdMisses,
            TunName = tunName ?? PeerConf.DefaultTunName,
            Mtu = mtu,
            StateDirectory = stateDirectory ?? PeerConf.DefaultStateDirectory,
            TunOffload = tunOffload ?? true,
            UdpOffload = udpOffload ?? true,
            Workers = workers,
            User = user,
            Notices = document.Notices,
            Places = document.Places,
        };
    }

    private static string? ReadStateDirectory(ConfDocument document)
    {
        ConfEntry? entry = document.Find(ConfKeys.StateDir);
        if (entry is null || entry.Text.StartsWith('/'))
        {
            return entry?.Text;
        }

        document.Refuse(entry, $"{ConfLine.Quote(entry.Text)} is no absolute path, write one from / on");
        return null;
    }
}
