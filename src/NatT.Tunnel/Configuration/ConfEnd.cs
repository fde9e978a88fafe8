namespace NatT.Tunnel.Configuration;

/// <summary>What the confs of a new tunnel say of one of its ends, as the user wrote it: <see cref="ConfReader"/> judges it.</summary>
/// <param name="Name">What its conf is called, without <c>.conf</c>.</param>
/// <param name="PublicHost">Where the other end finds it; empty: the other end waits for it.</param>
/// <param name="PrivateAddresses">Its addresses and networks inside the tunnel.</param>
/// <param name="Port">The UDP port it listens on.</param>
/// <param name="StateDirectory">Null: the default.</param>
public sealed record ConfEnd(string Name, string PublicHost, string PrivateAddresses, string Port, string? StateDirectory = null);
