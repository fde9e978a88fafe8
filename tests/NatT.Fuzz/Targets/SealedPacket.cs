using NatT.Esp;

namespace NatT.Fuzz.Targets;

/// <summary>A packet that the key's holder sealed.</summary>
/// <param name="Octets">SPI to ICV.</param>
/// <param name="Number">Its whole sequence number.</param>
/// <param name="Inner">What is to come out.</param>
/// <param name="Fate">What its content makes of it: <see cref="DropReason.None"/>, or why it goes no further however fresh it is.</param>
internal sealed record SealedPacket(byte[] Octets, ulong Number, byte[] Inner, DropReason Fate);
