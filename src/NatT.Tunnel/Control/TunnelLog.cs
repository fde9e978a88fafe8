using Microsoft.Extensions.Logging;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Control;

/// <summary>Every line the running tunnel logs: one an event, none a packet.</summary>
internal static partial class TunnelLog
{
    [LoggerMessage(Level = LogLevel.Information, Message = "peer {Peer} is up at {Endpoint}")]
    public static partial void PeerUp(ILogger logger, string peer, OuterEndpoint? endpoint);

    [LoggerMessage(Level = LogLevel.Warning, Message = "peer {Peer} is lost: {Misses} probes to {Endpoint} went unanswered; still sending and probing")]
    public static partial void PeerLost(ILogger logger, string peer, int misses, OuterEndpoint? endpoint);

    [LoggerMessage(Level = LogLevel.Information, Message = "peer {Peer} is up again at {Endpoint}")]
    public static partial void PeerUpAgain(ILogger logger, string peer, OuterEndpoint? endpoint);

    [LoggerMessage(Level = LogLevel.Information, Message = "peer {Peer} moved from {Previous} to {Endpoint}")]
    public static partial void PeerMoved(ILogger logger, string peer, OuterEndpoint? previous, OuterEndpoint? endpoint);

    [LoggerMessage(Level = LogLevel.Debug, Message = "peer {Peer}: a fresh answer started the replay window")]
    public static partial void Synchronised(ILogger logger, string peer);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "peer {Peer} answers no probes: the replay window starts at the durable record instead; let it answer pings from our inner address")]
    public static partial void SynchronisedByMark(ILogger logger, string peer);

    [LoggerMessage(Level = LogLevel.Warning, Message = "peer {Peer} restarted its sequence numbers: a fresh answer moved the replay window back")]
    public static partial void CounterRestarted(ILogger logger, string peer);

    [LoggerMessage(Level = LogLevel.Information, Message = "path to peer {Peer} carries packets of {Octets} octets: the longest probe that was answered")]
    public static partial void PathMtuChanged(ILogger logger, string peer, int octets);

    [LoggerMessage(Level = LogLevel.Debug, Message = "peer {Peer}: framing pinned to {Framing}")]
    public static partial void FramingPinned(ILogger logger, string peer, string framing);

    [LoggerMessage(Level = LogLevel.Information, Message = "peer {Peer} was heard under its next keys: traffic goes by them now, SPI 0x{Spi:x8}")]
    public static partial void KeysMoved(ILogger logger, string peer, uint spi);

    [LoggerMessage(Level = LogLevel.Information, Message = "peer {Peer}: nothing comes under its former keys any more, SPI 0x{Spi:x8}; they are wiped")]
    public static partial void KeysRetired(ILogger logger, string peer, uint spi);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "peer {Peer} needs new keys soon: sequence number {Number} of {Maximum}, or 2^42 blocks under one key")]
    public static partial void NeedsNewKeys(ILogger logger, string peer, ulong number, ulong maximum);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Mismatch}")]
    public static partial void Mismatch(ILogger logger, string mismatch);

    [LoggerMessage(Level = LogLevel.Warning, Message = "peer {Peer}: {Host} does not resolve: {Error}; trying again")]
    public static partial void DoesNotResolve(ILogger logger, string peer, string host, string error);

    [LoggerMessage(Level = LogLevel.Information, Message = "dropped since the last such line: {Drops}")]
    public static partial void Drops(ILogger logger, string drops);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "packets died in the kernel's queue of {Device}: {Packets}; this machine cannot keep up with what is to be sent")]
    public static partial void DeviceQueueFull(ILogger logger, string device, long packets);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "datagrams died in the kernel's queue of UDP {Endpoint}: {Packets}; this machine cannot keep up with what arrives")]
    public static partial void SocketQueueFull(ILogger logger, OuterEndpoint endpoint, long packets);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Path} stopped: {Error}")]
    public static partial void PathStopped(ILogger logger, string path, string error);
}
