namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A host's IPv4 and IPv6 address on one network.</summary>
internal readonly record struct HostAddresses(string V4, string V6);
