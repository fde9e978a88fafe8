using System.Numerics;

namespace NatT.Tunnel.Peers;

/// <summary>
/// To which peers something happened since the control loop looked at them last: a bit a peer, so that saying so allocates
/// nothing and finds room always. Any thread asks, the control loop takes.
/// </summary>
/// <param name="peers">How many there are at first.</param>
/// <param name="wake">Makes the control loop look.</param>
public sealed class PeerAttention(int peers, Action wake)
{
    private const int WordBits = 64;
    private const int ChunkWords = 16;
    private const int ChunkBits = ChunkWords * WordBits;

    // Chunks never move, so that whoever asks while more are added is heard.
    private ulong[][] _chunks = Chunks(peers);

    /// <summary>Control loop: makes room for so many.</summary>
    public void Grow(int peers)
    {
        if (peers > _chunks.Length * ChunkBits)
        {
            Volatile.Write(ref _chunks, [.. _chunks, .. Chunks(peers - (_chunks.Length * ChunkBits))]);
        }
    }

    /// <summary>What the caller wrote before is seen by whoever takes the peer.</summary>
    public void Ask(int peer)
    {
        ulong[] chunk = Volatile.Read(ref _chunks)[peer / ChunkBits];
        ulong bit = 1UL << (peer % WordBits);
        if ((Interlocked.Or(ref chunk[peer % ChunkBits / WordBits], bit) & bit) == 0)
        {
            wake();
        }
    }

    /// <summary>Takes one of the peers from <paramref name="from"/> on; -1: there is none.</summary>
    public int Take(int from)
    {
        for (int word = from / WordBits; word < _chunks.Length * ChunkWords; word++)
        {
            ref ulong place = ref _chunks[word / ChunkWords][word % ChunkWords];
            ulong asked = Volatile.Read(ref place);
            if (asked != 0)
            {
                int bit = BitOperations.TrailingZeroCount(asked);
                Interlocked.And(ref place, ~(1UL << bit));
                return (word * WordBits) + bit;
            }
        }

        return -1;
    }

    private static ulong[][] Chunks(int peers) =>
        [.. Enumerable.Range(0, (peers + ChunkBits - 1) / ChunkBits).Select(_ => new ulong[ChunkWords])];
}
