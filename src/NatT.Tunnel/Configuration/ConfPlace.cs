namespace NatT.Tunnel.Configuration;

/// <summary>Where a conf file gives a key, for what is found out only beside other files.</summary>
/// <param name="Line">From 1.</param>
/// <param name="WrittenAs">The key as it stands there: an alias, perhaps.</param>
internal readonly record struct ConfPlace(int Line, string WrittenAs);
