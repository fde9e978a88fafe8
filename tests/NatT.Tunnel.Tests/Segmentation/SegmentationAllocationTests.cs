using NatT.Esp.Wire;
using NatT.Tunnel.Segmentation;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.Segmentation;

/// <summary>Nothing here allocates once it is set up.</summary>
public sealed class SegmentationAllocationTests
{
    private static readonly PacketShape Large = new() { Payload = new byte[60000], TcpOptions = PacketShape.Timestamps(1) };
    private static readonly IpAddress Ours = IpAddress.Parse("10.77.0.1");

    [Fact]
    public void Segmenting_allocates_nothing()
    {
        byte[] original = Large.Super();
        byte[] buffer = new byte[original.Length];
        byte[] body = new byte[2000];
        VirtioHeader header = Large.Virtio(1348);

        AssertNothing(() =>
        {
            original.CopyTo(buffer, 0);
            SuperPacket.TryRead(buffer, header, out SuperPacket packet);
            for (int i = 0; i < packet.Count; i++)
            {
                packet.Place(i, body.AsSpan(0, packet.Length(i)));
            }
        });
    }

    [Fact]
    public void Coalescing_allocates_nothing()
    {
        byte[][] packets = [.. Large.Segments(1348).Select(segment => segment.Whole())];
        byte[] buffer = new byte[packets.Length * 2000];
        var coalescer = new Coalescer(buffer, packets.Length, mergesUdp: true);
        int writes = 0;

        AssertNothing(() =>
        {
            coalescer.Clear();
            for (int i = 0; i < packets.Length; i++)
            {
                packets[i].CopyTo(buffer, (i * 2000) + 50);
                coalescer.Add(new Piece((i * 2000) + 50, packets[i].Length));
            }

            coalescer.Flush();
            writes += coalescer.Pieces(coalescer.Packets[0]).Length;
        });
        Assert.True(writes > packets.Length);
    }

    [Fact]
    public void Answering_and_fragmenting_allocate_nothing()
    {
        byte[] packet = (Large with { Payload = new byte[3000] }).Whole();
        byte[] loose = (Large with { Payload = new byte[3000], Fragment = 0 }).Whole();
        byte[] message = new byte[PacketTooBig.LargestSize];
        int written = 0;

        AssertNothing(() =>
        {
            InnerPacket.TryRead(packet, out InnerPacket inner);
            PacketTooBig.TryWrite(message, inner, Ours, 1280, out int length);
            InnerPacket.TryRead(loose, out inner);
            IPv4Fragments.TryCut(inner, 1280, out IPv4Fragments fragments);
            written += length + fragments.Write(0, message);
        });
        Assert.True(written > 0);
    }

    private static void AssertNothing(Action action) => Assert.Equal(0, Allocation.Least(() =>
    {
        for (int i = 0; i < 100; i++)
        {
            action();
        }
    }));
}
