using NatT.Tunnel.State;

namespace NatT.Tunnel.Interchange;

/// <summary>How far the sequence numbers of a peer have come at one end of it.</summary>
/// <param name="LastSent">No number above it was used; 0: none at all.</param>
/// <param name="LastReceived">No number above it was received; 0: none at all, or it is not known.</param>
public readonly record struct SequenceNumbers(ulong LastSent, ulong LastReceived)
{
    /// <summary>So far a sender may have come beyond what is known of it: by what was lost, reserved, or used since.</summary>
    public const ulong Leeway = OutboundRecord.LargestBlock;

    /// <summary>A number that a sender may go on from whose last known one is <paramref name="last"/>.</summary>
    public static ulong Beyond(ulong last) => last == 0 ? 0 : Saturating.Add(last, Leeway);
}
