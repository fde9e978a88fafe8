using NatT.Tunnel.Segmentation;

namespace NatT.Tunnel.DataPath;

/// <summary>Where one packet lies in its batch's buffer, and what the socket knows of it.</summary>
public record struct PacketSlot
{
    /// <summary>First octet, counted from the buffer's start.</summary>
    public int Offset { get; set; }

    /// <summary>Octets.</summary>
    public int Length { get; set; }

    /// <summary>Packets from a device only: what is left to do to them before they are packets of a network.</summary>
    public VirtioHeader Offload { get; set; }

    /// <summary>Datagrams only: where it came from or goes to.</summary>
    public OuterEndpoint Remote { get; set; }

    /// <summary>Datagrams only: the outer IPv4 TOS or IPv6 traffic class, DSCP and ECN.</summary>
    public byte TrafficClass { get; set; }

    /// <summary>Whether the kernel took it from neither the socket nor the device it was handed to.</summary>
    public bool IsRefused { get; set; }
}
