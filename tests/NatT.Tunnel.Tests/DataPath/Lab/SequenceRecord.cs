using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>A disk on which an earlier run left its outbound sequence number.</summary>
internal static class SequenceRecord
{
    /// <summary>A's disk; the next number it uses is <paramref name="next"/>.</summary>
    public static SimulatedDisk OfA(ulong next)
    {
        using PeerConf conf = EndConf.OfA();
        AssociationConf association = conf.Outbound;
        AssociationFingerprint fingerprint = AssociationFingerprint.Compute(
            association.Spi, AssociationDirection.Outbound, association.EncryptionKey, association.AuthenticationKey);
        byte[] record = new byte[JournalRecord.Size];
        new JournalRecord(new JournalKey(JournalKind.OutboundLimit, fingerprint), Ordinal: 1, next).Write(record);
        return new SimulatedDisk { Octets = record };
    }
}
