using System.Numerics;

namespace NatT.Tunnel.Peers;

/// <summary>
/// To which peers something happened since the control loop looked at them last: a bit a peer, so that saying so allocates
/// nothing and finds room always. Any thread asks, the control loop takes.
/// </summary>
/// <param name="peers">How many there are.</param>
/// <param name="wake">Makes the control loop look.</param>
public sealed class PeerAttention(int peers, Action wake)
{
    private const int WordBits = 64;

    private readonly ulong[] _asked = new ulong[(peers + WordBits - 1) / WordBits];

    /// <summary>What the caller wrote before is seen by whoever takes the peer.</summary>
    public void Ask(int peer)
    {
        ulong bit = 1UL << (peer % WordBits);
        if ((Interlocked.Or(ref _asked[peer / WordBits], bit) & bit) == 0)
        {
            wake();
        }
    }

    /// <summary>Takes one of the peers from <paramref name="from"/> on; -1: there is none.</summary>
    public int Take(int from)
    {
        for (int word = from / WordBits; word < _asked.Length; word++)
        {
            ulong asked = Volatile.Read(ref _asked[word]);
            if (asked != 0)
            {
                int place = BitOperations.TrailingZeroCount(asked);
                Interlocked.And(ref _asked[word], ~(1UL << place));
                return (word * WordBits) + place;
            }
        }

        return -1;
    }
}
