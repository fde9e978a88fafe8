using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>Reads one entry of <c>ip xfrm state</c>, whatever iproute2's options for more or less of it.</summary>
internal sealed class XfrmStateReader(XfrmEntry entry, XfrmFindings findings)
{
    private const string LeaveOut = "leave this state and its policies out of the text";

    private readonly XfrmEntry _entry = entry;
    private readonly XfrmFindings _findings = findings;
    private bool _isWrong;
    private bool _isEncapsulated;
    private IpAddress _source;
    private IpAddress _destination;
    private bool _isTransport;
    private uint _spi;
    private uint _requestId;
    private uint _window;
    private bool _isExtended;
    private bool _isEncrypted;
    private XfrmAlgorithm? _algorithm;
    private KeyMaterial? _encryption;
    private KeyMaterial? _authentication;
    private UdpFraming _framing;
    private ushort _sourcePort;
    private ushort _destinationPort;
    private ulong _lastReceived;
    private ulong _lastSent;

    /// <summary>The state, or null where something is wrong with it.</summary>
    public XfrmState? Read()
    {
        XfrmLine first = _entry.First;
        if (!IpAddress.TryParse(first.After("src"), out _source) || !IpAddress.TryParse(first.After("dst"), out _destination))
        {
            Refuse(first, "no src and dst with addresses; paste what ip -d xfrm state prints, unchanged");
        }

        foreach (XfrmLine line in _entry.Rest)
        {
            ReadLine(line);
        }

        CheckComplete();
        if (!_isWrong)
        {
            return Compose();
        }

        _encryption?.Dispose();
        _authentication?.Dispose();
        return null;
    }

    private XfrmState Compose() => new()
    {
        Line = _entry.First.Number,
        Source = _source,
        Destination = _destination,
        IsTransport = _isTransport,
        Spi = _spi,
        RequestId = _requestId,
        Algorithm = _algorithm!,
        EncryptionKey = _encryption!,
        AuthenticationKey = _authentication ?? new KeyMaterial([]),
        IsExtended = _isExtended,
        ReplayWindow = (int)_window,
        Framing = _framing,
        SourcePort = _sourcePort,
        DestinationPort = _destinationPort,
        LastReceived = _lastReceived,
        LastSent = _lastSent,
    };

    private void ReadLine(XfrmLine line)
    {
        switch (line[0])
        {
            case "proto":
                ReadProtocol(line);
                break;
            case "replay-window":
                ReadWindow(line);
                break;
            case "auth" or "auth-trunc":
                ReadHash(line);
                break;
            case "enc":
                ReadCipher(line);
                break;
            case "aead":
                ReadAead(line);
                break;
            case "encap":
                ReadEncapsulation(line);
                break;
            case "anti-replay":
                ReadNumbers(line, line.After("seq"), line.After("oseq"), "0", "0");
                break;
            case "seq-hi":
                ReadNumbers(line, line.After("seq"), line.After("oseq"), line.After("seq-hi"), line.After("oseq-hi"));
                break;
            case "replay_window":
                Require(line, XfrmLine.TryParseNumber(line[1], out _window), "replay_window");
                break;
            case "sel":
                ReadSelector(line);
                break;
            case "mark" or "output-mark" or "if_id" or "coa" or "comp" or "security" or "tfcpad":
                Refuse(line, $"{line[0]} is nothing that natt-tun has; {LeaveOut}");
                break;
            default:
                RequireKnown(line);
                break;
        }
    }

    private void ReadProtocol(XfrmLine line)
    {
        if (line[1] != "esp")
        {
            Refuse(line, $"proto {ConfLine.Quote(line[1])} is not esp, the only one that natt-tun has; {LeaveOut}");
            return;
        }

        string mode = line.After("mode");
        if (mode is not ("tunnel" or "transport"))
        {
            Refuse(line, $"natt-tun has no mode {ConfLine.Quote(mode)}, but tunnel and transport; {LeaveOut}");
            return;
        }

        _isTransport = mode == "transport";
        Require(line, XfrmLine.TryParseNumber(line.After("spi"), out _spi) && _spi > 255, "spi");
        Require(line, XfrmLine.TryParseNumber(line.After("reqid"), out _requestId), "reqid");
    }

    private void ReadWindow(XfrmLine line)
    {
        // With -s there is a line of counters of this name below.
        if (line[2] == "replay")
        {
            return;
        }

        Require(line, XfrmLine.TryParseNumber(line[1], out uint window), "replay-window");
        _window = Math.Max(_window, window);
        _isExtended = line.Has("esn");
    }

    private void ReadHash(XfrmLine line)
    {
        uint bits = 0;
        bool isTruncated = line[0] == "auth-trunc";
        if (isTruncated && !XfrmLine.TryParseNumber(line[line.Count - 1], out bits))
        {
            Refuse(line, "no length of the ICV at its end; paste what ip -d xfrm state prints, unchanged");
            return;
        }

        XfrmAlgorithm? algorithm = XfrmAlgorithm.FindHash(line[1], isTruncated ? (int)bits : null);
        if (algorithm is null || (isTruncated && algorithm.IcvBits != bits))
        {
            string what = algorithm is null ? ConfLine.Quote(line[1]) : $"{line[1]} with an ICV of {bits} bits";
            Refuse(line, $"natt-tun has no {what}, but {XfrmAlgorithm.Known}; {LeaveOut}");
            return;
        }

        _algorithm = algorithm;
        _authentication = ReadKey(line);
    }

    private void ReadCipher(XfrmLine line)
    {
        _isEncrypted = true;
        if (line[1] is not (XfrmAlgorithm.AesCbc or "aes"))
        {
            Refuse(line, $"natt-tun has no {ConfLine.Quote(line[1])}, but {XfrmAlgorithm.Known}; {LeaveOut}");
            return;
        }

        _encryption = ReadKey(line);
    }

    private void ReadAead(XfrmLine line)
    {
        _isEncrypted = true;
        XfrmAlgorithm? algorithm = XfrmAlgorithm.FindAead(line[1]);
        bool hasLength = XfrmLine.TryParseNumber(line[line.Count - 1], out uint bits);
        if (algorithm is null || (hasLength && bits != algorithm.IcvBits))
        {
            string what = algorithm is null ? ConfLine.Quote(line[1]) : $"{line[1]} with an ICV of {bits} bits";
            Refuse(line, $"natt-tun has no {what}, but {XfrmAlgorithm.Known}; {LeaveOut}");
            return;
        }

        _algorithm = algorithm;
        _encryption = ReadKey(line);
    }

    private KeyMaterial? ReadKey(XfrmLine line)
    {
        KeyMaterial? key = line.ReadKey(2);
        if (key is null)
        {
            bool isHidden = line[2].StartsWith("<<", StringComparison.Ordinal);
            Refuse(line, isHidden
                ? "the key is hidden; run ip -d xfrm state as root, without nokeys"
                : "no key of 0x and hex digits; paste what ip -d xfrm state prints, unchanged");
        }

        return key;
    }

    private void ReadEncapsulation(XfrmLine line)
    {
        UdpFraming? framing = FramingNames.Find(line.After("type"));
        if (framing is null)
        {
            Refuse(line, $"natt-tun has no encap {ConfLine.Quote(line.After("type"))}, but espinudp and espinudp-nonike; {LeaveOut}");
            return;
        }

        _isEncapsulated = true;
        _framing = framing.Value;
        Require(line, TryParsePort(line.After("sport"), out _sourcePort), "sport");
        Require(line, TryParsePort(line.After("dport"), out _destinationPort), "dport");
    }

    private static bool TryParsePort(string word, out ushort port)
    {
        bool isPort = XfrmLine.TryParseNumber(word, out uint number) && number is > 0 and <= ushort.MaxValue;
        port = (ushort)number;
        return isPort;
    }

    private void ReadNumbers(XfrmLine line, string received, string sent, string receivedHigh, string sentHigh)
    {
        if (line[1] == "esn")
        {
            return;
        }

        bool areNumbers = XfrmLine.TryParseNumber(receivedHigh, out uint receivedTop)
            & XfrmLine.TryParseNumber(received, out uint receivedLow)
            & XfrmLine.TryParseNumber(sentHigh, out uint sentTop) & XfrmLine.TryParseNumber(sent, out uint sentLow);
        Require(line, areNumbers, "sequence number");
        _lastReceived = ExtendedSequence.Join(receivedTop, receivedLow);
        _lastSent = ExtendedSequence.Join(sentTop, sentLow);
    }

    private void ReadSelector(XfrmLine line)
    {
        bool isEverything = IsAny(line.After("src")) && IsAny(line.After("dst"));
        if ((!isEverything && !(_isTransport && IsOfItsEnds(line))) || line.Has("proto"))
        {
            Refuse(line, $"a selector of the state itself is nothing that natt-tun has, which has those of policies; {LeaveOut}");
        }
    }

    /// <summary>Nothing else can be in a state in transport mode.</summary>
    private bool IsOfItsEnds(XfrmLine line) =>
        line.After("src") == $"{_source}/{_source.BitLength}" && line.After("dst") == $"{_destination}/{_destination.BitLength}";

    private static bool IsAny(string prefix) => prefix is "0.0.0.0/0" or "::/0";

    /// <summary>What tells nothing about the SA, or nothing that a conf could say.</summary>
    private void RequireKnown(XfrmLine line)
    {
        string word = line[0];
        bool isBitmap = word.Length == 8 && word.All(char.IsAsciiHexDigit);
        bool isCount = word.EndsWith("(bytes),", StringComparison.Ordinal);
        bool isKnown = word is "" or "dir" or "lifetime" or "limit:" or "expire" or "add" or "stats:" or "lastused" or "crypto";
        if (!isBitmap && !isCount && !isKnown)
        {
            // A long word may be half of a key.
            Refuse(line, $"{ConfLine.Quote(word)} is not understood; paste what ip -d xfrm state prints, unchanged");
        }
    }

    private void CheckComplete()
    {
        if (_isWrong)
        {
            return;
        }

        if (!_isEncapsulated)
        {
            Refuse(_entry.First, "a state without encap, and natt-tun carries ESP in UDP alone; give the states of both ends an encap, "
                + "such as encap espinudp 1100 1100 0.0.0.0, or leave this one out");
        }
        else if (_algorithm is null || !_isEncrypted || (_algorithm.IsAead != (_authentication is null)))
        {
            Refuse(_entry.First, $"a state without encryption or without authentication: natt-tun has {XfrmAlgorithm.Known}; {LeaveOut}");
        }
        else if (!IsKeyLength(_encryption!.Length))
        {
            Refuse(_entry.First, $"a key of {_encryption.Length} octets is of no length that {_algorithm.Suite} has; {LeaveOut}");
        }
    }

    private bool IsKeyLength(int octets) => CipherSuites.Find(_algorithm!.Suite) is AeadSuite aead
        ? aead.KeySizes.Contains(octets - AeadSuite.SaltSize)
        : octets is 16 or 24 or 32;

    private void Require(XfrmLine line, bool isGood, string what)
    {
        if (!isGood)
        {
            Refuse(line, $"no usable {what}; paste what ip -d xfrm state prints, unchanged");
        }
    }

    private void Refuse(XfrmLine line, string text)
    {
        _isWrong = true;
        _findings.Refuse(line.Number, text);
    }
}
