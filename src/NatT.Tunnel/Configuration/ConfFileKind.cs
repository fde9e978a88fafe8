namespace NatT.Tunnel.Configuration;

/// <summary>What a path leads to, links followed.</summary>
public enum ConfFileKind
{
    Regular,
    Directory,

    /// <summary>A pipe, socket or device.</summary>
    Other,
}
