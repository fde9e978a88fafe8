using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Tunnel.Interchange;

/// <summary>What the kernel sends through a tunnel, or takes from it.</summary>
/// <param name="Line">Where the text names it first.</param>
/// <param name="Source">Inner addresses.</param>
/// <param name="Destination">Inner addresses.</param>
/// <param name="IsOutbound">Else inbound.</param>
/// <param name="OuterSource">Of the state it asks for.</param>
/// <param name="OuterDestination">Of the state it asks for.</param>
/// <param name="IsTransport">Of the state it asks for.</param>
/// <param name="RequestId">Of the state it asks for; 0: any.</param>
/// <param name="Spi">Of the state it asks for; 0: any.</param>
internal sealed record XfrmPolicy(
    int Line,
    IpPrefix Source,
    IpPrefix Destination,
    bool IsOutbound,
    IpAddress OuterSource,
    IpAddress OuterDestination,
    bool IsTransport,
    uint RequestId,
    uint Spi)
{
    public bool Takes(XfrmState state) =>
        state.Source == OuterSource && state.Destination == OuterDestination && state.IsTransport == IsTransport
        && (RequestId == 0 || RequestId == state.RequestId) && (Spi == 0 || Spi == state.Spi);

    public override string ToString() => $"{(IsOutbound ? "dir out" : "dir in")} src {Source} dst {Destination}";
}
