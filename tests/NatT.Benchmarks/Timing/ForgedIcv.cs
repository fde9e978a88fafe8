namespace NatT.Benchmarks.Timing;

/// <summary>How a forged packet's ICV differs from the right one.</summary>
internal enum ForgedIcv
{
    InFirstOctet,
    InLastOctet,
    InEveryOctet,
}
