using System.Text.Json.Serialization;

namespace NatT.Tunnel.State;

/// <summary>What became of a outbound record that was to be there.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RecordState>))]
public enum RecordState
{
    /// <summary>There was none; now there is one that says that no number was used.</summary>
    Made,

    /// <summary>There was one, and it is as it was.</summary>
    Kept,

    /// <summary>There was none, but one of what came in under the same conf: the keys were used.</summary>
    Lost,
}
