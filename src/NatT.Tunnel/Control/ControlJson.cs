using System.Text.Json;
using System.Text.Json.Serialization;

namespace NatT.Tunnel.Control;

/// <summary>How the control socket's lines are written: names in snake case, as a conf's keys are.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ControlRequest))]
[JsonSerializable(typeof(ControlAnswer))]
public sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>The same over several lines.</summary>
    public static ControlJson Indented { get; } =
        new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true });
}
