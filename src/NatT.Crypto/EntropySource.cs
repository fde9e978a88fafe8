namespace NatT.Crypto;

/// <summary>Fills <paramref name="destination"/> from the operating system's random generator, wholly or with an exception.</summary>
public delegate void EntropySource(Span<byte> destination);
