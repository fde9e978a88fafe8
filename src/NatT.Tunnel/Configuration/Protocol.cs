using System.Globalization;
using NatT.Crypto;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Configuration;

/// <summary>How both ends speak ESP: suite, framing, ICV, sequence numbers, and what <c>compat</c> makes of them.</summary>
internal sealed record Protocol(
    CipherSuite Suite, UdpFraming? Framing, int IcvBits, bool ExtendedSequenceNumbers, int ReplayWindow)
{
    /// <summary>What <c>mode</c> says, if not <c>tunnel</c>.</summary>
    public const string TransportMode = "transport";

    private const string ScriptsCompat = "static-ipsec-nat-t";
    private const int MinReplayWindow = 32;
    private const int MaxReplayWindow = 8192;

    /// <summary>Whether ESP carries packets without their IP headers.</summary>
    public bool IsTransport { get; init; }

    public static Protocol Read(ConfDocument document)
    {
        CipherSuite suite = ReadSuite(document);
        bool isTransport = document.ReadChoice(ConfKeys.Mode, "tunnel", TransportMode) is TransportMode;
        string? espMode = document.ReadChoice(ConfKeys.EspMode, "auto", FramingNames.Rfc3948, FramingNames.NonIke);
        int? icvBits = ReadIcvBits(document, suite);
        bool? isExtended = document.ReadYesNo(ConfKeys.Esn);
        int? window = ReadReplayWindow(document);
        bool isCompat = document.ReadChoice(ConfKeys.Compat, ScriptsCompat) is not null;
        if (isCompat)
        {
            RefuseContradiction(document, ConfKeys.Mode, isTransport, "tunnel mode");
            RefuseContradiction(document, ConfKeys.EspMode, espMode is "auto", "a fixed framing");
            RefuseContradiction(document, ConfKeys.IcvBits, icvBits is 128, "icv_bits = 96");
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

        if (isCompat && suite != CipherSuites.Default)
        {
            RefuseWithSuite(document, suite, ConfKeys.Compat, $"which means {CipherSuites.Default.Name}");
        }

        return new Protocol(
            suite,
            ReadFraming(espMode, isCompat),
            isCompat ? 96 : icvBits ?? Bits(suite.IcvSizes[0]),
            isExtended ?? false,
            window ?? (isCompat ? 0 : PeerConf.DefaultReplayWindow))
        {
            IsTransport = isTransport,
        };
    }

    // The scripts themselves know espmode: with compat it still chooses, and espinudp-nonike is their default.
    private static UdpFraming? ReadFraming(string? espMode, bool isCompat) =>
        FramingNames.Find(espMode) ?? (isCompat ? UdpFraming.NonIke : null);

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

    /// <summary>The length of ICV that is asked for, or null.</summary>
    private static int? ReadIcvBits(ConfDocument document, CipherSuite suite)
    {
        string[] possible = [.. suite.IcvSizes.Select(size => $"{Bits(size)}")];
        string[] elsewhere = [.. CipherSuites.All.SelectMany(other => other.IcvSizes).Select(size => $"{Bits(size)}").Except(possible)];
        if (suite != CipherSuites.Default && elsewhere.Contains(document.Find(ConfKeys.IcvBits)?.Text))
        {
            RefuseWithSuite(document, suite, ConfKeys.IcvBits, $"whose ICV has {possible[0]} bits");
            return null;
        }

        return document.ReadChoice(ConfKeys.IcvBits, possible) is string bits ? int.Parse(bits, CultureInfo.InvariantCulture) : null;
    }

    private static int Bits(int octets) => octets * 8;

    private static void RefuseWithSuite(ConfDocument document, CipherSuite suite, string key, string why)
    {
        ConfEntry entry = document.Find(key)!;
        int line = document.Find(ConfKeys.Suite)!.Line;
        document.Refuse(entry, $"'{entry.Text}' contradicts suite = {suite.Name} on line {line}, {why}, remove one of the two");
    }

    private static CipherSuite ReadSuite(ConfDocument document)
    {
        string? name = document.ReadChoice(ConfKeys.Suite, [.. CipherSuites.All.Select(suite => suite.Name)]);
        return CipherSuites.Find(name) ?? CipherSuites.Default;
    }
}
