namespace NatT.Tunnel.Configuration;

/// <summary>Looks at a path, following links: .NET itself does not tell owners.</summary>
/// <exception cref="IOException">The path cannot be looked at.</exception>
public delegate ConfFileFacts ConfFileInspector(string path);
