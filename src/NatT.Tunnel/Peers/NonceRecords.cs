using NatT.Crypto;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <summary>
/// Sees to it that a suite whose nonces are made of sequence numbers has a record of those it used: starting from 1 for lack of
/// one, as other suites do, would repeat nonces under a key that never changes.
/// </summary>
public static class NonceRecords
{
    /// <summary>Whether any of the confs needs the journal to be whole.</summary>
    public static bool AreNeededBy(IEnumerable<PeerConf> confs) => confs.Any(IsNeededBy);

    /// <summary>Whether no packet may be sent without a record.</summary>
    public static bool IsNeededBy(PeerConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        return conf.Suite is AeadSuite;
    }

    /// <summary>What to tell of a conf whose record is not in <paramref name="stateDirectory"/>: one line with both remedies.</summary>
    public static string Complaint(PeerConf conf, string stateDirectory)
    {
        ArgumentNullException.ThrowIfNull(conf);
        return $"{conf.File}: state_dir {stateDirectory} has no intact record of its sequence numbers, without which {conf.Suite.Name} "
            + $"must not start: if its keys were never used, sudo natt-tun state init --conf {conf.File}; "
            + $"else make new ones: natt-tun keygen --suite {conf.Suite.Name}";
    }

    /// <exception cref="StateUnavailableException">A record is missing; no number was reserved.</exception>
    public static void Require(StateStore store, IEnumerable<PeerConf> confs)
    {
        ArgumentNullException.ThrowIfNull(store);
        PeerConf[] needing = [.. confs.Where(IsNeededBy)];
        if (needing.Length > 0)
        {
            store.RequireIntact();
        }

        PeerConf[] lacking = [.. needing.Where(conf => !HasRecord(store, conf))];
        if (lacking.Length > 0)
        {
            string others = lacking.Length == 1 ? "" : $" (the same holds for {lacking.Length - 1} more)";
            throw new StateUnavailableException(Complaint(lacking[0], store.Folder) + others);
        }
    }

    private static bool HasRecord(StateStore store, PeerConf conf) => conf.Outbounds.All(
        outbound => store.HasRecord(outbound.FingerprintAs(AssociationDirection.Outbound), AssociationDirection.Outbound));
}
