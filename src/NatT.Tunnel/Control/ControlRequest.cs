using System.Text.Json.Serialization;

namespace NatT.Tunnel.Control;

/// <summary>A line to the control socket.</summary>
/// <param name="Verb">One of the constants.</param>
public sealed record ControlRequest(string? Verb)
{
    public const string Status = "status";
    public const string Probe = "probe";
    public const string Diagnosis = "diagnosis";
    public const string Stop = "stop";
    public const string Reload = "reload";
    public const string StateInit = "state_init";

    /// <summary>For a probe: names of the peers to ask; null: all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string?>? Peers { get; init; }

    /// <summary>For new records: the directory they are to be in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StateDir { get; init; }

    /// <summary>For new records: what those of SAs that were never used go by.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<UnusedAssociation?>? Unused { get; init; }
}
