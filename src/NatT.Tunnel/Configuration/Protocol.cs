using NatT.Crypto;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Configuration;

/// <summary>How both ends speak ESP: suite, framing, ICV, sequence numbers, and what <c>compat</c> makes of them.</summary>
internal sealed record Protocol(
    CipherSuite Suite, UdpFraming? Framing, int IcvBits, bool ExtendedSequenceNumbers, int ReplayWindow)
{
    private const string ScriptsCompat = "static-ipsec-nat-t";
    private const int MinReplayWindow = 32;
    private const int MaxReplayWindow = 8192;

    private static readonly string[] LaterSuites = ["aes-cbc-hmac-sha1", "aes-cbc-hmac-sha384", "aes-cbc-hmac-sha512"];

    public static Protocol Read(ConfDocument document)
    {
        CipherSuite suite = ReadSuite(document);
        CheckMode(document);
        string? espMode = document.ReadChoice(ConfKeys.EspMode, "auto", "espinudp", "espinudp-nonike");
        string? icvBits = document.ReadChoice(ConfKeys.IcvBits, "128", "96");
        bool? isExtended = document.ReadYesNo(ConfKeys.Esn);
        int? window = ReadReplayWindow(document);
        bool isCompat = document.ReadChoice(ConfKeys.Compat, ScriptsCompat) is not null;
        if (isCompat)
        {
            RefuseContradiction(document, ConfKeys.EspMode, espMode is "auto", "a fixed framing");
            RefuseContradiction(document, ConfKeys.IcvBits, icvBits is "128", "icv_bits = 96");
            RefuseContradiction(document, ConfKeys.Esn, isExtended is true, "esn = no");
            RefuseContradiction(document, ConfKeys.ReplayWindow, window is > 0, "replay_window = 0");
            document.Inform(document.Find(ConfKeys.Compat)!, "as the kernel's default, replayed packets are not recognised");
        }

        if (isExtended is true && window is 0)
        {
            ConfEntry esn = document.Find(ConfKeys.Esn)!;
            int line = document.Find(ConfKeys.ReplayWindow)!.Line;
            document.Refuse(esn, $"'{esn.Text}' needs the replay window that line {line} turns off, remove one of the two");
        }

        if (suite is AeadSuite)
        {
            RefuseWithAead(document, suite, ConfKeys.Compat, isCompat, $"which means {CipherSuites.Default.Name}");
            RefuseWithAead(document, suite, ConfKeys.IcvBits, icvBits is "96", "whose ICV has 128 bits");
        }

        return new Protocol(
            suite,
            ReadFraming(espMode, isCompat),
            icvBits is "96" || isCompat ? 96 : 128,
            isExtended ?? false,
            window ?? (isCompat ? 0 : PeerConf.DefaultReplayWindow));
    }

    // The scripts themselves know espmode: with compat it still chooses, and espinudp-nonike is their default.
    private static UdpFraming? ReadFraming(string? espMode, bool isCompat) => espMode switch
    {
        "espinudp" => UdpFraming.Rfc3948,
        "espinudp-nonike" => UdpFraming.NonIke,
        _ => isCompat ? UdpFraming.NonIke : null,
    };

    private static int? ReadReplayWindow(ConfDocument document)
    {
        ConfEntry? entry = document.Find(ConfKeys.ReplayWindow);
        if (entry is null)
        {
            return null;
        }

        string text = entry.Text;
        if (text is "0" or "no")
        {
            document.Warn(entry, "off, so replayed packets are not recognised");
            return 0;
        }

        return document.ReadInteger(ConfKeys.ReplayWindow, MinReplayWindow, MaxReplayWindow);
    }

    private static void RefuseContradiction(ConfDocument document, string key, bool contradicts, string meant)
    {
        if (contradicts)
        {
            ConfEntry compat = document.Find(ConfKeys.Compat)!;
            ConfEntry entry = document.Find(key)!;
            document.Refuse(
                entry,
                $"'{entry.Text}' contradicts compat = {ScriptsCompat} on line {compat.Line}, which means {meant}, remove one of the two");
        }
    }

    private static void RefuseWithAead(ConfDocument document, CipherSuite suite, string key, bool contradicts, string why)
    {
        if (contradicts)
        {
            ConfEntry entry = document.Find(key)!;
            int line = document.Find(ConfKeys.Suite)!.Line;
            document.Refuse(entry, $"'{entry.Text}' contradicts suite = {suite.Name} on line {line}, {why}, remove one of the two");
        }
    }

    private static CipherSuite ReadSuite(ConfDocument document)
    {
        ConfEntry? entry = document.Find(ConfKeys.Suite);
        string? text = entry?.Text;
        if (entry is not null && LaterSuites.Contains(text))
        {
            document.Refuse(entry, $"{text} is not supported by this version, use {CipherSuites.Default.Name}");
            return CipherSuites.Default;
        }

        string? name = document.ReadChoice(ConfKeys.Suite, [.. CipherSuites.All.Select(suite => suite.Name)]);
        return CipherSuites.Find(name) ?? CipherSuites.Default;
    }

    private static void CheckMode(ConfDocument document)
    {
        ConfEntry? entry = document.Find(ConfKeys.Mode);
        if (entry?.Text == "transport")
        {
            document.Refuse(entry, "transport is not supported by this version, use tunnel");
            return;
        }

        document.ReadChoice(ConfKeys.Mode, "tunnel");
    }
}
