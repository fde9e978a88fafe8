using NatT.Tunnel.DataPath;

namespace NatT.Linux;

/// <summary>
/// Datagrams of a batch that one message can carry (UDP_SEGMENT): to one endpoint, of one traffic class, one behind the other
/// in memory, all of one length but a shorter last one.
/// </summary>
/// <param name="First">Index of the first.</param>
/// <param name="Count">How many.</param>
/// <param name="Octets">All together.</param>
internal readonly record struct DatagramRun(int First, int Count, int Octets)
{
    /// <summary>UDP_MAX_SEGMENTS of kernels before 6.9; later ones allow 128.</summary>
    public const int LongestCount = 64;

    /// <summary>65535 less the IPv4 and UDP headers.</summary>
    public const int MostOctets = 65507;

    /// <summary>The longest run that starts at <paramref name="first"/>; of one datagram where <paramref name="isSegmenting"/> is false.</summary>
    public static DatagramRun Find(PacketBatch batch, int first, bool isSegmenting)
    {
        ref readonly PacketSlot head = ref batch[first];
        int octets = head.Length;
        int end = first + 1;
        if (!isSegmenting || head.Length == 0)
        {
            return new DatagramRun(first, 1, octets);
        }

        int limit = Math.Min(batch.Count, first + LongestCount);
        while (end < limit && batch[end - 1].Length == head.Length)
        {
            ref readonly PacketSlot next = ref batch[end];
            if (next.Length > head.Length
                || next.Length == 0
                || octets + next.Length > MostOctets
                || next.Offset != head.Offset + octets
                || next.TrafficClass != head.TrafficClass
                || next.Remote != head.Remote)
            {
                break;
            }

            octets += next.Length;
            end++;
        }

        return new DatagramRun(first, end - first, octets);
    }
}
