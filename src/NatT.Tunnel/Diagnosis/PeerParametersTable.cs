namespace NatT.Tunnel.Diagnosis;

/// <summary>Finds whose an SPI is, in either direction. Immutable.</summary>
public sealed class PeerParametersTable
{
    private readonly Dictionary<uint, PeerParameters> _byInboundSpi;
    private readonly Dictionary<uint, PeerParameters> _byOutboundSpi = [];

    public PeerParametersTable(IEnumerable<PeerParameters> peers)
    {
        All = [.. peers];
        _byInboundSpi = All.ToDictionary(peer => peer.Inbound.Spi);
        foreach (PeerParameters peer in All)
        {
            // Peers may share one; the first stands for them.
            _byOutboundSpi.TryAdd(peer.Outbound.Spi, peer);
        }
    }

    public IReadOnlyList<PeerParameters> All { get; }

    public PeerParameters? FindInbound(uint spi) => _byInboundSpi.GetValueOrDefault(spi);

    public PeerParameters? FindOutbound(uint spi) => _byOutboundSpi.GetValueOrDefault(spi);
}
