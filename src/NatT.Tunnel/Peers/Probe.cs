using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Peers;

/// <summary>An echo request under way, known by the random bits that only its answer can carry.</summary>
/// <param name="Bits">128 fresh random bits.</param>
/// <param name="SentAt">Monotonic time.</param>
/// <param name="Target">Where it went: an answer confirms no other endpoint.</param>
/// <param name="Framing">How it was framed: what an answer pins.</param>
/// <param name="WindowVersion">
/// The replay window as it was then. A sender that counts on answers above its top; an answer at or below the top of that
/// very window proves that the sender's counter went back. Once the window has taken another number, the answer may as
/// well have been held back meanwhile, and moving to it would let that number in again.
/// </param>
/// <param name="PairNumber">Whose window that is: that of one pair of SAs says nothing of another's.</param>
/// <param name="Size">Octets of the inner packet, where it asks whether so many get through; 0: as short as can be.</param>
public readonly record struct Probe(
    UInt128 Bits, TimeSpan SentAt, OuterEndpoint Target, UdpFraming Framing, long WindowVersion, int PairNumber = 0, int Size = 0);
