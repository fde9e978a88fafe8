using NatT.Crypto;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.DataPath;

/// <summary>Once they run, the data paths allocate nothing of their own; what the portable engine allocates is measured too.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Batches = 20;

    private readonly TunnelLab _lab = TunnelLab.Established();

    [Fact]
    public void Sending_allocates_no_more_than_its_cryptography()
    {
        _lab.A.Socket.IsSink = true;
        long engine = Math.Max(Measure(SealAlone), Measure(SealAlone));

        long path = Math.Min(Measure(Send), Measure(Send));

        // Per batch: a refill of IVs every 256 packets.
        Assert.InRange(path, 0, engine + (Batches * 1024));
    }

    [Fact]
    public void Receiving_allocates_no_more_than_its_cryptography()
    {
        _lab.B.Device.IsSink = true;
        long engine = Math.Max(Measure(SealAlone), Measure(SealAlone));

        long path = Math.Min(MeasureReceiving(), MeasureReceiving());

        Assert.InRange(path, 0, engine + (Batches * 1024));
    }

    public void Dispose() => _lab.Dispose();

    private static long Measure(Action action)
    {
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>As many packets through the engine alone, sealed one batch a call.</summary>
    private static void SealAlone()
    {
        var suite = AesCbcHmacSha256.Create();
        using CipherKey key = suite.CreateKey(new byte[16], new byte[16], icvSize: 16);
        byte[] body = new byte[112];
        byte[] packet = new byte[suite.Overhead(icvSize: 16) + body.Length];
        var job = new SealJob { Key = key, BodyOffset = 0, BodyLength = body.Length, Offset = 0, Length = packet.Length };
        for (int i = 0; i < Batches * PacketBatch.DefaultCapacity; i++)
        {
            suite.Seal(body, packet, new ReadOnlySpan<SealJob>(in job));
        }
    }

    private void Send()
    {
        byte[] packet = InnerPackets.Udp(EndConf.InnerA, EndConf.InnerB, 100);
        for (int i = 0; i < Batches * PacketBatch.DefaultCapacity; i++)
        {
            _lab.A.Device.Push(packet);
        }

        for (int i = 0; i < Batches; i++)
        {
            _lab.A.Outbound.RunOnce();
        }
    }

    private long MeasureReceiving()
    {
        _lab.Network.Passes = null;
        Send();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Batches; i++)
        {
            _lab.B.Inbound.RunOnce();
        }

        Assert.Empty(_lab.B.Socket.Arrived);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
