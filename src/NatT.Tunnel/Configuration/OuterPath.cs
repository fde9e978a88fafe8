using NatT.Esp.Wire;

namespace NatT.Tunnel.Configuration;

/// <summary>The outer side of the tunnel: what to bind to, and where the peer is.</summary>
internal sealed record OuterPath(IpAddress? BindAddress, ushort BindPort, string? Interface, string? RemoteHost, ushort RemotePort)
{
    private const int MaxNameLength = 253;
    private const int MaxLabelLength = 63;

    public static OuterPath Read(ConfDocument document)
    {
        CheckUnneeded(document);
        var outer = new OuterPath(
            document.ReadAddress(ConfKeys.OriLocalPublicIp),
            document.ReadPort(ConfKeys.OriLocalPort),
            document.ReadInterfaceName(ConfKeys.LocalDefaultIf),
            ReadRemoteHost(document),
            document.ReadPort(ConfKeys.RemotePort))
        {
            NatAddress = document.ReadAddress(ConfKeys.NatLocalPublicIp),
            NatPort = (ushort?)document.ReadInteger(ConfKeys.NatLocalPort, 1, ushort.MaxValue),
        };
        outer.CheckFamilies(document);
        return outer;
    }

    /// <summary>What the peer sees of us where a NAT is between; for exports.</summary>
    public IpAddress? NatAddress { get; init; }

    public ushort? NatPort { get; init; }

    /// <summary>The peer's address where it is written as one.</summary>
    public IpAddress? RemoteAddress => AddressKinds.TryParse(RemoteHost, out IpAddress address) ? address : null;

    private static string? ReadRemoteHost(ConfDocument document)
    {
        ConfEntry? entry = document.Find(ConfKeys.RemotePublicIp);
        if (entry is null)
        {
            return null;
        }

        string text = entry.Text;
        if (AddressKinds.TryParse(text, out IpAddress address))
        {
            if (AddressKinds.WhyNotUnicast(address) is not { } why)
            {
                return text;
            }

            document.Refuse(entry, $"{address} is {why}, write the peer's, or nothing to wait for the peer");
            return null;
        }

        if (IsDnsName(text))
        {
            return text;
        }

        document.Refuse(
            entry,
            $"{ConfLine.Quote(text)} is neither an IP address nor a DNS name, " +
            "write one of them, without brackets, and the port as remote_port");
        return null;
    }

    // RFC 1123 §2.1; the underscore is no host name's, but resolvers take it and some networks use it.
    private static bool IsDnsName(string text)
    {
        string name = text.EndsWith('.') ? text[..^1] : text;
        string[] labels = name.Split('.');

        // With an all-digit end it is a mistyped IPv4 address.
        return name.Length <= MaxNameLength && labels.All(IsLabel) && !labels[^1].All(char.IsAsciiDigit);
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= MaxLabelLength &&
        label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') &&
        label[0] != '-' && label[^1] != '-';

    private void CheckFamilies(ConfDocument document)
    {
        if (BindAddress is { } bind && RemoteAddress is { } remote && bind.IsIPv6 != remote.IsIPv6)
        {
            ConfEntry entry = document.Find(ConfKeys.RemotePublicIp)!;
            document.Refuse(
                entry,
                $"{remote} cannot be reached from ori_local_public_ip {bind} of the other IP version, " +
                "write both of one version, or leave ori_local_public_ip empty");
        }
    }

    private static void CheckUnneeded(ConfDocument document)
    {
        document.ReadPort(ConfKeys.RemoteSshPort);

        ConfEntry[] unneeded =
        [
            .. new[] { ConfKeys.RemoteDefaultIf, ConfKeys.RemoteSshUser, ConfKeys.RemoteSshPort }
                .Select(document.Find).OfType<ConfEntry>().OrderBy(entry => entry.Line),
        ];
        if (unneeded.Length > 0)
        {
            string others = string.Concat(unneeded.Skip(1).Select(entry => $", nor is {entry.WrittenAs}"));
            document.Inform(unneeded[0], $"not needed{others}: natt-tun does not log in to the peer");
        }
    }
}
