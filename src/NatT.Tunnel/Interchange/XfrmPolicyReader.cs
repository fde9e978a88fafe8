using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>Reads one entry of <c>ip xfrm policy</c>.</summary>
internal sealed class XfrmPolicyReader(XfrmEntry entry, XfrmFindings findings)
{
    private const string Paste = "paste what ip xfrm policy prints, unchanged";
    private const string LeaveOut = "leave this policy and its states out of the text";

    private readonly XfrmEntry _entry = entry;
    private readonly XfrmFindings _findings = findings;
    private IpPrefix _source;
    private IpPrefix _destination;

    /// <summary>The policy, or null where it is none for a tunnel or something is wrong with it.</summary>
    public XfrmPolicy? Read()
    {
        XfrmLine kind = _entry.Rest[0];

        // An IKE daemon's sockets, and forwarding's copies of dir in.
        if (kind[0] == "socket" || kind[1] == "fwd")
        {
            return null;
        }

        XfrmLine[] templates = [.. _entry.Rest.Where(line => line[0] == "tmpl")];
        if (templates.Length == 0)
        {
            _findings.Inform(_entry.First.Number, "left out: a policy without tmpl, which is for no tunnel");
            return null;
        }

        if (kind[1] is not ("in" or "out"))
        {
            return Refuse(kind, $"no dir in or out; {Paste}");
        }

        if (templates.Length > 1)
        {
            return Refuse(templates[1], $"a second tmpl: natt-tun does one thing to a packet; {LeaveOut}");
        }

        if (_entry.Rest.FirstOrDefault(line => line[0] is "mark" or "if_id" or "security") is XfrmLine foreign)
        {
            return Refuse(foreign, $"{foreign[0]} is nothing that natt-tun has; {LeaveOut}");
        }

        return ReadSelector() ? ReadTemplate(kind[1] == "out", templates[0]) : null;
    }

    private bool ReadSelector()
    {
        XfrmLine line = _entry.First;
        if (!TryParsePrefix(line.After("src"), out _source) || !TryParsePrefix(line.After("dst"), out _destination))
        {
            Refuse(line, $"no src and dst with networks; {Paste}");
            return false;
        }

        if (line.Has("proto") || line.Has("sport") || line.Has("dport") || line.Has("dev"))
        {
            Refuse(line, $"a selector of more than addresses, which are all that natt-tun selects by; {LeaveOut}");
            return false;
        }

        return true;
    }

    private XfrmPolicy? ReadTemplate(bool isOutbound, XfrmLine template)
    {
        XfrmLine? details = _entry.Rest.SkipWhile(line => line != template).Skip(1).FirstOrDefault();
        if (details?[0] != "proto")
        {
            return Refuse(template, $"no proto below it; {Paste}");
        }

        if (details[1] != "esp" || details.After("mode") is not ("tunnel" or "transport"))
        {
            return Refuse(details, $"proto {ConfLine.Quote(details[1])} mode {ConfLine.Quote(details.After("mode"))} is neither proto esp "
                + $"mode tunnel nor proto esp mode transport; {LeaveOut}");
        }

        bool isTransport = details.After("mode") == "transport";
        if (!TryReadEnds(template, isTransport, out IpAddress source, out IpAddress destination))
        {
            return Refuse(template, $"no src and dst with addresses of hosts; {LeaveOut}");
        }

        bool isBetweenThem =
            _source == new IpPrefix(source, source.BitLength) && _destination == new IpPrefix(destination, destination.BitLength);
        if (isTransport && !isBetweenThem)
        {
            return Refuse(
                _entry.First, $"transport mode between other addresses than {source} and {destination}, its states' own; {LeaveOut}");
        }

        uint spi = 0;
        if (!XfrmLine.TryParseNumber(details.After("reqid"), out uint requestId)
            || (details.Has("spi") && !XfrmLine.TryParseNumber(details.After("spi"), out spi)))
        {
            return Refuse(details, $"no usable reqid or spi; {Paste}");
        }

        return new XfrmPolicy(_entry.First.Number, _source, _destination, isOutbound, source, destination, isTransport, requestId, spi);
    }

    /// <summary>A transport mode policy may leave its states' addresses to its own.</summary>
    private bool TryReadEnds(XfrmLine template, bool isTransport, out IpAddress source, out IpAddress destination)
    {
        destination = default;
        if (!IpAddress.TryParse(template.After("src"), out source) || !IpAddress.TryParse(template.After("dst"), out destination))
        {
            return false;
        }

        source = isTransport && source.IsUnspecified && _source.IsHost ? _source.Network : source;
        destination = isTransport && destination.IsUnspecified && _destination.IsHost ? _destination.Network : destination;
        return !source.IsUnspecified && !destination.IsUnspecified;
    }

    private static bool TryParsePrefix(string text, out IpPrefix prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        string address = slash < 0 ? text : text[..slash];
        if (!IpAddress.TryParse(address, out IpAddress network))
        {
            return false;
        }

        uint length = (uint)network.BitLength;
        if (slash >= 0 && (!XfrmLine.TryParseNumber(text[(slash + 1)..], out length) || length > network.BitLength))
        {
            return false;
        }

        prefix = new IpPrefix(network, (int)length);
        return true;
    }

    private XfrmPolicy? Refuse(XfrmLine line, string text)
    {
        _findings.Refuse(line.Number, text);
        return null;
    }
}
