namespace NatT.Tunnel.State;

/// <summary>What a journal record is about. Kinds unknown to this version are carried along untouched.</summary>
internal readonly record struct JournalKey(JournalKind Kind, AssociationFingerprint Fingerprint);
