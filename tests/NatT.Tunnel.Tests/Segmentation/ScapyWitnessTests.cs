using System.Diagnostics;
using System.Globalization;
using NatT.Tunnel.Tests.Segmentation.Lab;

namespace NatT.Tunnel.Tests.Segmentation;

/// <summary>Scapy, which has its own idea of headers and checksums, cuts the same packets; see <c>segment_witness.py</c>.</summary>
public sealed class ScapyWitnessTests
{
    private const string Python = "/usr/bin/python3";
    private const int Packets = 60;

    [Fact]
    public void Scapy_cuts_packets_into_the_same_segments()
    {
        var random = new Random(5);
        List<(PacketShape Shape, int SegmentSize)> packets = [.. Enumerable.Range(0, Packets).Select(i => Decorated(random, i))];

        List<string> answers = Ask([.. packets.Select(packet => string.Create(
            CultureInfo.InvariantCulture,
            $"{(packet.Shape.IsIPv6 ? 6 : 4)} {packet.SegmentSize} {Convert.ToHexString(packet.Shape.Super())}"))]);

        Assert.Equal(packets.Count, answers.Count);
        foreach (((PacketShape shape, int segmentSize), string answer) in packets.Zip(answers))
        {
            List<byte[]> segments = Cutter.Place(shape.Super(), shape.Virtio(segmentSize))!;
            Assert.Equal(answer.Split(' '), segments.Select(Convert.ToHexStringLower));
        }
    }

    private static (PacketShape Shape, int SegmentSize) Decorated(Random random, int index)
    {
        (PacketShape shape, int segmentSize) = Shapes.Random(random);
        byte extra = (byte)(random.Next(2) == 0 ? 0 : PacketShape.Cwr | PacketShape.Ece | PacketShape.Fin);
        int most = Math.Min(shape.Payload.Length, 20000);
        return (shape with
        {
            Flags = (byte)(shape.Flags | extra),
            Options = index % 5 == 0 ? [0x94, 4, 0, 0] : [],
            DestinationOptions = index % 5 == 1 ? 1 : 0,
            Payload = shape.Payload[..most],
        }, segmentSize);
    }

    private static List<string> Ask(IReadOnlyList<string> lines)
    {
        string script = Path.Combine(AppContext.BaseDirectory, "Segmentation", "segment_witness.py");
        var start = new ProcessStartInfo(Python, [script]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using Process python = Process.Start(start)!;
        Task<string> output = python.StandardOutput.ReadToEndAsync();
        foreach (string line in lines)
        {
            python.StandardInput.WriteLine(line);
        }

        python.StandardInput.Close();
        if (!python.WaitForExit(TimeSpan.FromSeconds(60)))
        {
            python.Kill();
            Assert.Fail("scapy took longer than a minute.");
        }

        return [.. output.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
