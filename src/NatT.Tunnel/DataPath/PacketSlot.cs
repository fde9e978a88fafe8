namespace NatT.Tunnel.DataPath;

/// <summary>Where one packet lies in its batch's buffer, and what the socket knows of it.</summary>
public record struct PacketSlot
{
    /// <summary>First octet, counted from the buffer's start.</summary>
    public int Offset { get; set; }

    /// <summary>Octets.</summary>
    public int Length { get; set; }

    /// <summary>
    /// How many of the last octets are in <see cref="PacketBatch.Tail"/> instead, since the header of the segment behind lies over
    /// them; 0 for a packet that lies in one piece.
    /// </summary>
    public int TailLength { get; set; }

    /// <summary>Datagrams only: where it came from or goes to.</summary>
    public OuterEndpoint Remote { get; set; }

    /// <summary>Datagrams only: the outer IPv4 TOS or IPv6 traffic class, DSCP and ECN.</summary>
    public byte TrafficClass { get; set; }

    /// <summary>Whether the kernel took it from neither the socket nor the device it was handed to.</summary>
    public bool IsRefused { get; set; }
}
