namespace NatT.Tunnel.DataPath;

/// <summary>The port to the outer UDP socket. ICMP errors never surface here: they are hints, not facts.</summary>
public interface IDatagramSocket : IDisposable
{
    /// <summary>The address and port in use.</summary>
    OuterEndpoint LocalEndpoint { get; }

    /// <summary>
    /// Blocks until a datagram or a <see cref="Wake"/> arrives, then appends to <paramref name="datagrams"/> what is there, with
    /// source and traffic class. Returns with an empty batch after a wake. One thread receives.
    /// </summary>
    /// <param name="datagrams">Gets them.</param>
    /// <param name="waits">False: returns at once, be it with none.</param>
    void Receive(PacketBatch datagrams, bool waits = true);

    /// <summary>
    /// Sends every datagram to its slot's endpoint with its traffic class; marks those that the kernel refused, and returns how many.
    /// </summary>
    int Send(PacketBatch datagrams);

    /// <summary>Datagrams that died before they could be received, since the socket was opened. Any thread.</summary>
    long ReadQueueDrops();

    /// <summary>Makes the running or the next <see cref="Receive"/> return. Any thread.</summary>
    void Wake();
}
