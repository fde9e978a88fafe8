namespace NatT.Linux;

/// <summary>capabilities(7) that this program can need, with the kernel's numbers.</summary>
public enum Capability
{
    /// <summary>Ports below 1024.</summary>
    NetBindService = 10,

    /// <summary>Devices, addresses, routes.</summary>
    NetAdmin = 12,
}
