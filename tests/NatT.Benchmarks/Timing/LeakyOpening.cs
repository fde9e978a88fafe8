using NatT.Crypto;

namespace NatT.Benchmarks.Timing;

/// <summary>What the test must find: a suite whose ICV is compared once more, octet by octet up to the first that differs.</summary>
internal sealed class LeakyOpening(CipherSuite suite, byte[] rightIcv)
{
    private bool _isRight;

    /// <summary>So that the comparison is not optimised away.</summary>
    public bool IsRight => _isRight;

    public void Open(byte[] packet, OpenJob[] jobs)
    {
        suite.Open(packet, jobs);
        ReadOnlySpan<byte> received = packet.AsSpan(packet.Length - rightIcv.Length);
        int same = 0;
        while (same < rightIcv.Length && received[same] == rightIcv[same])
        {
            same++;
        }

        _isRight = same == rightIcv.Length;
    }
}
