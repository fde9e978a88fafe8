namespace NatT.Cli;

/// <summary>What <c>--help</c> says of a command beside its options.</summary>
internal sealed record CommandHelp
{
    /// <summary>As typed: <c>natt-tun</c>, or that and a verb.</summary>
    public required string Command { get; init; }

    /// <summary>One sentence.</summary>
    public required string Summary { get; init; }

    public required string Usage { get; init; }

    /// <summary>Lines after the options.</summary>
    public IReadOnlyList<string> Epilogue { get; init; } = [];

    /// <summary>What the one who gave an argument too many may have meant, with its comma; or nothing.</summary>
    public string StrayHint { get; init; } = "";
}
