using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Control;

/// <summary>A line from the control socket; exactly one property is set, and only that one is written.</summary>
public sealed record ControlAnswer
{
    /// <summary>What was wrong with the request.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Error { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StatusReport? Status { get; init; }

    /// <summary>One result a peer.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<ProbeResult>? Probe { get; init; }

    /// <summary>Why datagrams failed of late, the latest last.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<MismatchReport>? Diagnosis { get; init; }

    /// <summary>What became of a reload.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ReloadOutcome? Reload { get; init; }

    /// <summary>What became of each record: <c>made</c>, <c>kept</c> or <c>lost</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableArray<RecordState>? Records { get; init; }

    /// <summary>The process that is about to end; once it has, the connection closes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StoppingPid { get; init; }
}
