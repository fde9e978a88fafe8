namespace NatT.Tunnel.Peers;

/// <summary>What a pair of SAs is used for.</summary>
public enum KeyUse
{
    /// <summary>All traffic to the peer goes by it.</summary>
    Current,

    /// <summary>Probed until the peer is heard under it.</summary>
    Next,

    /// <summary>What still arrives under it is taken.</summary>
    Retiring,
}
