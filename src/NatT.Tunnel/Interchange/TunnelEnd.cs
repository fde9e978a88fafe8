namespace NatT.Tunnel.Interchange;

/// <summary>Whom something is made for.</summary>
public enum TunnelEnd
{
    /// <summary>The machine that the conf is for.</summary>
    This,

    /// <summary>Its peer.</summary>
    Far,
}
