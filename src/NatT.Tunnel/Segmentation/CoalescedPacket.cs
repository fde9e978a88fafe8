namespace NatT.Tunnel.Segmentation;

/// <summary>One write to a TUN device with offloads: a virtio header and a packet, in pieces of the receive buffer.</summary>
/// <param name="FirstPiece">Its first piece, counted in <see cref="Coalescer.Pieces"/>; the virtio header is at its start.</param>
/// <param name="PieceCount">Pieces, one for each packet in it.</param>
/// <param name="Length">Octets of all pieces together, virtio header included.</param>
public readonly record struct CoalescedPacket(int FirstPiece, int PieceCount, int Length);
