namespace NatT.Linux.Netlink;

/// <summary>Takes one of the messages that a dump consists of.</summary>
/// <param name="message">Without its header; lives as long as the call.</param>
internal delegate void NetlinkReader(ReadOnlySpan<byte> message);
