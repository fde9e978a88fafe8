using NatT.Crypto;
using NatT.Esp.Associations;

namespace NatT.Tunnel.DataPath;

/// <content>Extended numbers whose high half is another than the window suggests.</content>
public sealed partial class InboundPath
{
    /// <summary>
    /// With ESN, a sender far ahead, or one that started over, has another high half than the window suggests. What proved
    /// right last is tried on every packet, or a busy sender would use up the guesses before its answer comes; the window's
    /// neighbours, zero and one guess further up a few times a second at most.
    /// </summary>
    private bool TryOtherNumbers(ref InboundBatch.Arrival arrival, ref OpenJob job, TimeSpan now)
    {
        InboundSecurityAssociation inbound = arrival.Peer.Inbound;
        if (job.SequenceHigh is not uint inferred)
        {
            return false;
        }

        if (inbound.OtherHigh is uint other && other != inferred && TryHigh(ref arrival, ref job, other))
        {
            return true;
        }

        if (!inbound.TrySpendRetry(now))
        {
            return false;
        }

        uint expected = (uint)(inbound.Top >> 32);
        ReadOnlySpan<uint> candidates = [expected, expected + 1, expected - 1, 0, inbound.NextGuess()];
        foreach (uint high in candidates)
        {
            if (high != inferred && high != inbound.OtherHigh && TryHigh(ref arrival, ref job, high))
            {
                inbound.OtherHigh = high;
                return true;
            }
        }

        return false;
    }

    private bool TryHigh(ref InboundBatch.Arrival arrival, ref OpenJob job, uint high)
    {
        job = job with { SequenceHigh = high };
        job.Key.Suite.Open(_batch.Datagrams.Buffer, new Span<OpenJob>(ref job));
        if (job.IsAuthentic)
        {
            arrival.Number = ExtendedSequence.Join(high, (uint)arrival.Number);
        }

        return job.IsAuthentic;
    }
}
