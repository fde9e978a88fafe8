namespace NatT.Tunnel.Control;

/// <summary>A line to the control socket.</summary>
/// <param name="Verb">One of the constants.</param>
public sealed record ControlRequest(string? Verb)
{
    public const string Status = "status";
    public const string Probe = "probe";
    public const string Stop = "stop";
}
