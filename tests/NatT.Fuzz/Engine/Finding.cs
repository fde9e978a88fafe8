namespace NatT.Fuzz.Engine;

/// <summary>An input for which a property does not hold.</summary>
/// <param name="Target">The target's name.</param>
/// <param name="Input">As short as we could make it.</param>
/// <param name="Signature">What tells it from other findings.</param>
/// <param name="Text">What happened.</param>
public sealed record Finding(string Target, byte[] Input, string Signature, string Text);
