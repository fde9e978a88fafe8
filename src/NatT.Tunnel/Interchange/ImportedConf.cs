using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>A conf made of something else's description of a tunnel, and how far its sequence numbers have come.</summary>
/// <remarks>Owns the keys.</remarks>
public sealed class ImportedConf : IDisposable
{
    private readonly SecretText _text;

    internal ImportedConf(PeerConf conf, SecretText text, SequenceNumbers numbers)
    {
        Conf = conf;
        _text = text;
        Numbers = numbers;
    }

    /// <summary>As read from the octets; its file is its name with <c>.conf</c>.</summary>
    public PeerConf Conf { get; }

    /// <summary>The conf file.</summary>
    public ReadOnlySpan<byte> Octets => _text.Octets;

    public SequenceNumbers Numbers { get; }

    public void Dispose()
    {
        Conf.Dispose();
        _text.Dispose();
    }
}
