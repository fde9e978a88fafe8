using System.Diagnostics;
using NatT.Tunnel.DataPath;

namespace NatT.Benchmarks;

/// <summary>The sockets of two ends in one: what one sends, a batch at a time, the other receives.</summary>
internal sealed class DatagramRelay(OuterEndpoint sender) : IDatagramSocket
{
    private readonly byte[] _octets = new byte[4 * PacketBatch.LargestPacket];
    private readonly int[] _lengths = new int[PacketBatch.DefaultCapacity];
    private int _count;

    public OuterEndpoint LocalEndpoint => sender;

    /// <summary>What the kernel would have spent copying.</summary>
    public long Ticks { get; private set; }

    public int Send(PacketBatch datagrams)
    {
        long start = Stopwatch.GetTimestamp();
        _count = datagrams.Count;
        for (int i = 0, offset = 0; i < _count; i++)
        {
            datagrams.Packet(i).CopyTo(_octets.AsSpan(offset));
            _lengths[i] = datagrams[i].Length;
            offset += _lengths[i];
        }

        Ticks += Stopwatch.GetTimestamp() - start;
        return 0;
    }

    public void Receive(PacketBatch datagrams, bool waits = true)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0, offset = 0; i < _count; i++)
        {
            _octets.AsSpan(offset, _lengths[i]).CopyTo(datagrams.Free);
            datagrams.Add(_lengths[i]).Remote = sender;
            offset += _lengths[i];
        }

        _count = 0;
        Ticks += Stopwatch.GetTimestamp() - start;
    }

    public long ReadQueueDrops() => 0;

    public void Wake()
    {
    }

    public void Dispose()
    {
    }
}
