namespace NatT.Benchmarks;

/// <summary>Something that seals and opens all of a <see cref="Traffic"/>, batch by batch.</summary>
internal interface IContestant : IDisposable
{
    /// <summary>From the bodies into the packets.</summary>
    void Seal();

    /// <summary>In place.</summary>
    void Open();
}
