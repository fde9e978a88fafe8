using NatT.Esp;

namespace NatT.Tunnel.Control;

/// <summary>
/// Packets and octets of one direction, and its drops by reason. One thread writes each, any thread may read.
/// </summary>
public sealed class PathCounters
{
    private static readonly int Reasons = Enum.GetValues<DropReason>().Length;

    private readonly long[] _drops = new long[Reasons];
    private long _packets;
    private long _octets;
    private long _missingBefore;

    /// <summary>Packets that got through, our own probes among them.</summary>
    public long Packets => Volatile.Read(ref _packets);

    /// <summary>Octets of inner packets that got through.</summary>
    public long Octets => Volatile.Read(ref _octets);

    /// <summary>Packets that died of <paramref name="reason"/>.</summary>
    public long Drops(DropReason reason) => Volatile.Read(ref _drops[(int)reason]);

    /// <summary>Numbers that never came under SAs that the peer has no more.</summary>
    public long MissingBefore => Volatile.Read(ref _missingBefore);

    /// <summary>Takes over what such an SA counted, at its end.</summary>
    public void AddMissing(long numbers) => Volatile.Write(ref _missingBefore, _missingBefore + numbers);

    public void CountPacket(int octets)
    {
        Volatile.Write(ref _packets, _packets + 1);
        Volatile.Write(ref _octets, _octets + octets);
    }

    public void CountDrop(DropReason reason, int packets = 1) =>
        Volatile.Write(ref _drops[(int)reason], _drops[(int)reason] + packets);

    /// <summary>Takes over a count that the kernel keeps; nothing else counts drops of that reason.</summary>
    public void SetDrops(DropReason reason, long total) => Volatile.Write(ref _drops[(int)reason], total);
}
