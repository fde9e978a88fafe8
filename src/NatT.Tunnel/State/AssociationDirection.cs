namespace NatT.Tunnel.State;

/// <summary>Security associations are simplex: which of the two a record belongs to.</summary>
public enum AssociationDirection : byte
{
    /// <summary>We seal with it.</summary>
    Outbound = 1,

    /// <summary>We open with it.</summary>
    Inbound = 2,
}
