namespace NatT.Kernel.Tests.Guest;

/// <summary>The values of Linux's UDP_ENCAP socket option.</summary>
internal enum Encapsulation
{
    Closed = 0,
    EspInUdpNonIke = 1,
    EspInUdp = 2,
}
