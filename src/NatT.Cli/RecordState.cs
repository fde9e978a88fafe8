namespace NatT.Cli;

/// <summary>What became of a conf's outbound record.</summary>
internal enum RecordState
{
    /// <summary>There was none; now there is one that says that no number was used.</summary>
    Made,

    /// <summary>There was one, and it is as it was.</summary>
    Kept,

    /// <summary>There was none, but one of what came in under the same conf: the keys were used.</summary>
    Lost,
}
