using System.Globalization;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Control;

/// <summary>A pair of SAs that was never used, by what its records go by: 32 hexadecimal digits each, which tell nothing of the keys.</summary>
public sealed record UnusedAssociation(string? Inbound, string? Outbound)
{
    public static UnusedAssociation Of(AssociationConf inbound, AssociationConf outbound)
    {
        ArgumentNullException.ThrowIfNull(inbound);
        ArgumentNullException.ThrowIfNull(outbound);
        return new UnusedAssociation(
            $"{inbound.FingerprintAs(AssociationDirection.Inbound)}", $"{outbound.FingerprintAs(AssociationDirection.Outbound)}");
    }

    internal bool TryRead(out AssociationFingerprint inbound, out AssociationFingerprint outbound)
    {
        outbound = default;
        return TryRead(Inbound, out inbound) && TryRead(Outbound, out outbound);
    }

    private static bool TryRead(string? text, out AssociationFingerprint fingerprint)
    {
        bool isRead = UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 value);
        fingerprint = new AssociationFingerprint(value);
        return isRead;
    }
}
