using NatT.Esp.Wire;
using NatT.Tunnel.DataPath;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>
/// A device that never blocks, and the host behind it: it keeps what is delivered and answers echo requests as a
/// kernel does.
/// </summary>
internal sealed class InMemoryTunDevice : ITunDevice
{
    private readonly Queue<byte[]> _leaving = [];
    private bool _isWoken;

    public string Name => "natt0";

    /// <summary>All that came out of the tunnel.</summary>
    public List<byte[]> Delivered { get; } = [];

    /// <summary>What natt-tun itself had to say to the host.</summary>
    public List<byte[]> Told { get; } = [];

    public bool AnswersEcho { get; set; } = true;

    /// <summary>Packets of each <see cref="Write"/> that the kernel refuses, the first ones.</summary>
    public int Refuses { get; set; }

    /// <summary>What is delivered is not kept: for measuring.</summary>
    public bool IsSink { get; set; }

    /// <summary>Packets that its queue had no room for.</summary>
    public long QueueDrops { get; set; }

    public bool HasWork => _isWoken || _leaving.Count > 0;

    public long ReadQueueDrops() => QueueDrops;

    /// <summary>A program of the host sends a packet.</summary>
    public void Push(byte[] packet) => _leaving.Enqueue(packet);

    public void Read(PacketBatch packets, bool waits = true)
    {
        _isWoken = false;
        while (!packets.IsFull && _leaving.TryDequeue(out byte[]? packet))
        {
            packet.CopyTo(packets.Free);
            packets.Add(packet.Length);
        }
    }

    public int Write(PacketBatch packets)
    {
        int refused = Math.Min(Refuses, packets.Count);
        for (int i = 0; i < refused; i++)
        {
            packets[i].IsRefused = true;
        }

        for (int i = refused; i < packets.Count && !IsSink; i++)
        {
            byte[] packet = packets.Packet(i).ToArray();
            Delivered.Add(packet);
            AnswerEcho(packet);
        }

        return refused;
    }

    public void WriteOwn(ReadOnlySpan<byte> packet) => Told.Add(packet.ToArray());

    public void Wake() => _isWoken = true;

    public void Dispose()
    {
    }

    private void AnswerEcho(byte[] packet)
    {
        if (AnswersEcho && InnerPacket.TryRead(packet, out InnerPacket request) && IcmpEcho.IsRequest(request))
        {
            byte[] reply = new byte[packet.Length];
            int length = IcmpEcho.WriteReply(reply, request);
            Push(reply[..length]);
        }
    }
}
