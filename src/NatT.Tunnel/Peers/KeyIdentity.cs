using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <summary>What tells one pair of SAs from another, without any of their keys.</summary>
/// <param name="SpiIn">Of the inbound SA.</param>
/// <param name="SpiOut">Of the outbound SA.</param>
/// <param name="Inbound">What the inbound record goes by.</param>
/// <param name="Outbound">What the outbound record goes by.</param>
public readonly record struct KeyIdentity(uint SpiIn, uint SpiOut, AssociationFingerprint Inbound, AssociationFingerprint Outbound)
{
    public static KeyIdentity Of(AssociationConf inbound, AssociationConf outbound)
    {
        ArgumentNullException.ThrowIfNull(inbound);
        ArgumentNullException.ThrowIfNull(outbound);
        return new KeyIdentity(
            inbound.Spi,
            outbound.Spi,
            inbound.FingerprintAs(AssociationDirection.Inbound),
            outbound.FingerprintAs(AssociationDirection.Outbound));
    }

    /// <summary>Whether the two would count in one record: they cannot be used beside each other.</summary>
    public bool SharesRecordWith(KeyIdentity other) => Inbound == other.Inbound || Outbound == other.Outbound;
}
