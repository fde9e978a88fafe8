namespace NatT.Tunnel.State;

/// <summary>The meaning of a journal record's value; these numbers are on disk.</summary>
internal enum JournalKind : byte
{
    /// <summary>The first sequence number that no process has been allowed to use yet.</summary>
    OutboundLimit = 1,

    /// <summary>A sequence number that the highest one received has not passed.</summary>
    InboundMark = 2,
}
