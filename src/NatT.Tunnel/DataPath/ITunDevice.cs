using NatT.Tunnel.Segmentation;

namespace NatT.Tunnel.DataPath;

/// <summary>The port to a TUN device: whole inner IP packets, no link layer; where it has offloads, many in one.</summary>
public interface ITunDevice : IDisposable
{
    /// <summary>The interface's name.</summary>
    string Name { get; }

    /// <summary>
    /// Blocks until a packet or a <see cref="Wake"/> arrives, then appends to <paramref name="packets"/> what is there, without
    /// waiting for more, each with its <see cref="PacketSlot.Offload"/>. Returns with an empty batch after a wake. One thread reads.
    /// </summary>
    /// <param name="packets">Gets them.</param>
    /// <param name="waits">False: returns at once, be it with none.</param>
    void Read(PacketBatch packets, bool waits = true);

    /// <summary>Writes every packet of the batch; marks those that the kernel refused, and returns how many. One thread writes.</summary>
    /// <remarks>Headers may be altered, and the <see cref="VirtioHeader.Size"/> octets before each packet too.</remarks>
    int Write(PacketBatch packets);

    /// <summary>Writes one packet that came through no tunnel: a router's own word to this host, or one behind it. Any thread.</summary>
    void WriteOwn(ReadOnlySpan<byte> packet);

    /// <summary>Packets that died before they could be read, since the device was opened. Any thread.</summary>
    long ReadQueueDrops();

    /// <summary>Makes the running or the next <see cref="Read"/> return. Any thread.</summary>
    void Wake();
}
