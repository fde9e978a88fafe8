using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <summary>An echo request under way, known by the random bits that only its answer can carry.</summary>
/// <param name="Bits">128 fresh random bits.</param>
/// <param name="SentAt">Monotonic time.</param>
/// <param name="Target">Where it went: an answer confirms no other endpoint.</param>
/// <param name="Framing">How it was framed: what an answer pins.</param>
/// <param name="TopWhenSent">
/// The replay window's top at that time. A sender that counts on answers above it; an answer at or below it proves
/// that the sender's counter went back.
/// </param>
public readonly record struct Probe(UInt128 Bits, TimeSpan SentAt, OuterEndpoint Target, UdpFraming Framing, ulong TopWhenSent);
