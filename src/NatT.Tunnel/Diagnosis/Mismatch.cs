namespace NatT.Tunnel.Diagnosis;

/// <summary>Something that the two ends do not agree on.</summary>
/// <param name="Cause">What.</param>
/// <param name="Peer">Whose conf it is about; null: it is not known whose.</param>
/// <param name="IsProven">A right ICV vouches for it; else whoever can send us datagrams may have caused it.</param>
/// <param name="Text">One line for people, the remedy included.</param>
public readonly record struct Mismatch(MismatchCause Cause, string? Peer, bool IsProven, string Text);
