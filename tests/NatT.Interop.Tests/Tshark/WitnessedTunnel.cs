using NatT.EndToEnd.Tests.Lab;
using NatT.Interop.Tests.Link;

namespace NatT.Interop.Tests.Tshark;

/// <summary>Two natt-tun on a link that is captured from before their first frame on.</summary>
internal sealed class WitnessedTunnel : IDisposable
{
    private const string NonIke = "espinudp-nonike";

    private readonly ObservedLink _link;
    private readonly Capture _capture;

    /// <param name="configure">Edits the confs before the start.</param>
    public WitnessedTunnel(Action<TunnelPair> configure)
    {
        var lab = NetworkLab.Direct();
        Pair = new TunnelPair(lab);
        _link = new ObservedLink(lab);
        _capture = _link.StartCapture();
        // A capture tells framings apart only where it need not guess.
        Pair.With("espmode", "espinudp");
        configure(Pair);
        Pair.Start();
    }

    public TunnelPair Pair { get; }

    private bool IsNonIke => Pair.A.Conf["espmode"] == NonIke;

    /// <summary>Ends the capture and has tshark read all of it.</summary>
    /// <param name="falsify">Edits the keys that tshark gets.</param>
    public IReadOnlyList<TunnelFrame> Witness(Func<EspKeys, EspKeys>? falsify = null)
    {
        string pcapFile = _capture.StopLate().PcapFile;
        IEnumerable<EspKeys> used = new[] { EspKeys.OutboundOf(Pair.A), EspKeys.OutboundOf(Pair.B) }.Distinct();
        EspKeys[] keys = [.. falsify is null ? used : used.Select(falsify)];
        IReadOnlyList<TunnelFrame> frames = TsharkReader.Read(pcapFile, keys);
        return IsNonIke ? WithoutMarkers(pcapFile, frames, keys) : frames;
    }

    public void Dispose()
    {
        _capture.Dispose();
        _link.Dispose();
        Pair.Dispose();
    }

    /// <summary>The outer headers' checksums are judged as they were on the link, the rest after the marker is out of the way.</summary>
    private static IReadOnlyList<TunnelFrame> WithoutMarkers(string pcapFile, IReadOnlyList<TunnelFrame> original, EspKeys[] keys)
    {
        string strippedFile = $"{pcapFile}.stripped";
        NonIkeMarker.Strip(pcapFile, strippedFile);
        return [.. TsharkReader.Read(strippedFile, keys).Zip(
            original, (frame, sent) => frame with { HasValidChecksums = sent.HasValidChecksums, HasUdpChecksum = sent.HasUdpChecksum })];
    }
}
