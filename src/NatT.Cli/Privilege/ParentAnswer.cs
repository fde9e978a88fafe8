namespace NatT.Cli.Privilege;

/// <summary>What a parent's message is: its first octet.</summary>
internal enum ParentAnswer : byte
{
    /// <summary>It is done; the last message of an answer.</summary>
    Done,

    /// <summary>What went wrong follows, UTF-8; the last message of an answer.</summary>
    Failed,

    /// <summary>A part of what was asked for follows.</summary>
    Part,
}
