using NatT.Tunnel.Segmentation;

namespace NatT.Tunnel.Tests.Segmentation.Lab;

/// <summary>What a caller of <see cref="SuperPacket"/> gets, put together again as the cipher would see it.</summary>
internal static class Cutter
{
    /// <summary>All segments placed first and read afterwards, as a batch is sealed; null where the packet is refused.</summary>
    /// <param name="packet">As the device gives it.</param>
    /// <param name="header">What goes before it.</param>
    /// <param name="omitted">Octets at each segment's start that the cipher shall not see.</param>
    public static List<byte[]>? Place(byte[] packet, VirtioHeader header, int omitted = 0)
    {
        byte[] buffer = [.. packet];
        if (!SuperPacket.TryRead(buffer, header, out SuperPacket super))
        {
            return null;
        }

        var bodies = new List<byte[]>();
        var sources = new List<Piece>();
        for (int i = 0; i < super.Count; i++)
        {
            bodies.Add(new byte[super.Length(i) - omitted]);
            sources.Add(super.Place(i, bodies[i], omitted));
        }

        for (int i = 0; i < super.Count; i++)
        {
            buffer.AsSpan(sources[i].Offset, sources[i].Length).CopyTo(bodies[i]);
        }

        return bodies;
    }

    /// <summary>Headers and payloads copied one by one; null where the packet is refused.</summary>
    public static List<byte[]>? Copy(byte[] packet, VirtioHeader header)
    {
        byte[] buffer = [.. packet];
        if (!SuperPacket.TryRead(buffer, header, out SuperPacket super))
        {
            return null;
        }

        var segments = new List<byte[]>();
        for (int i = 0; i < super.Count; i++)
        {
            byte[] segment = new byte[super.Length(i)];
            super.WriteHeader(i, segment);
            Piece payload = super.Payload(i);
            buffer.AsSpan(payload.Offset, payload.Length).CopyTo(segment.AsSpan(super.HeaderLength));
            segments.Add(segment);
        }

        return segments;
    }
}
