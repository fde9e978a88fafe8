namespace NatT.Tunnel.Segmentation;

/// <summary>Octets that lie in one run in a buffer.</summary>
/// <param name="Offset">The first of them, counted from the start of the buffer or packet that the giver names.</param>
/// <param name="Length">How many.</param>
public readonly record struct Piece(int Offset, int Length)
{
    /// <summary>The octet behind the last.</summary>
    public int End => Offset + Length;
}
