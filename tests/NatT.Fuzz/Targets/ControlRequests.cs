using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using NatT.Esp.Wire;
using NatT.Fuzz.Engine;
using NatT.Tunnel.Control;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.DataPath.Lab;
using NatT.Tunnel.Tests.Peers;

namespace NatT.Fuzz.Targets;

/// <summary>
/// What somebody writes to the control socket, in pieces of any size: every line up to the longest gets one answer of one
/// line, a longer one ends the connection, and no line makes the daemon keep or make much.
/// </summary>
/// <remarks>An input is how many sizes of pieces there are, these sizes, how often the rest comes, and the rest.</remarks>
public sealed class ControlRequests : IFuzzTarget
{
    private const int MostRepeats = 40;

    private readonly ControlVerbs _verbs;

    public ControlRequests()
    {
        // A fuzzed probe of a peer that can be asked would wait for the answer; these have nowhere to ask.
        var peers = new TestPeers();
        PeerTable table = new([Unaskable(peers.CreateNamed(256)), Unaskable(peers.CreateNamed(257))]);
        InMemorySocket socket = new InMemoryNetwork().Bind(new OuterEndpoint(IpAddress.Parse("192.0.2.1"), 1100));
        var inbound = new PathCounters();
        var outbound = new PathCounters();
        var queues = new KernelQueues(new InMemoryTunDevice(), socket, outbound, inbound, NullLogger.Instance);
        _verbs = new ControlVerbs(
            new StatusReporter("natt0", socket.LocalEndpoint, table, inbound, outbound, queues, TimeProvider.System), TimeProvider.System);
    }

    public string Name => "control-requests";

    public int LongestInput => 8 * 1024;

    public IEnumerable<byte[]> Seeds { get; } =
    [
        [0, 1, .. "{\"verb\":\"diagnosis\"}\n{\"verb\":\"reload\"}\n"u8,
            .. "{\"verb\":\"state_init\",\"state_dir\":\"/x\",\"unused\":[{\"inbound\":\"00\"}]}\n"u8],
        [0, 1, .. "{\"verb\":\"status\"}\n{\"verb\":\"probe\"}\n{\"verb\":\"stop\"}\n"u8],
        [3, 1, 0, 200, 2, .. "{\"verb\":\"probe\",\"peers\":[\"256\",\"257\",\"x\"]}\n{\"verb\":\"probe\",\"peers\":[]}\n\n"u8],
        [1, 255, 39, .. "{\"peers\":[null,\"\\u0000\"],\"verb\":\"probe\",\"a\":[[[[{\"b\":1e999}]]]]"u8, .. new byte[2000]],
        [1, 0, 39, .. Enumerable.Repeat((byte)'[', 4000)],
        [0, 31, .. Enumerable.Repeat((byte)'x', ControlConnection.LongestRequest / 32)],
        [0, 31, .. Enumerable.Repeat((byte)'x', (ControlConnection.LongestRequest / 32) - 1), (byte)'\n'],
    ];

    public IReadOnlyList<byte[]> Words { get; } =
    [
        .. new[]
        {
            "{\"verb\":\"status\"}\n", "{\"verb\":\"probe\",\"peers\":[", "\"256\",", "\"verb\":", "\"Verb\":", "\"peers\":", "null",
            "\"\\uD800\"", "\\u0000", "1e400", "{}", "[]", "[[[[", "}}}}", "\n", "\r\n", "\"stop\"", "true", "-0", ",", "/*", "\uFEFF",
        }.Select(Encoding.UTF8.GetBytes),
        [0], [0xFF, 0xFE],
    ];

    /// <summary>Requests are as long as 64 KiB, and an answer may repeat a name from one.</summary>
    public long MostAllocated(int inputLength) => (8L << 20) + (4096L * inputLength);

    public void Run(ReadOnlySpan<byte> input, Features features)
    {
        ArgumentNullException.ThrowIfNull(features);
        var choices = new Choices(input);
        byte[] sizes = choices.Octets(choices.Octet() % 8).ToArray();
        int repeats = 1 + choices.Below(MostRepeats);
        byte[] octets = [.. Enumerable.Repeat(choices.Rest.ToArray(), repeats).SelectMany(rest => rest)];
        (List<byte[]> lines, bool isTooLong) = PlainLines(octets);
        var reader = new LineReader(new ChunkedStream(octets, sizes), ControlConnection.LongestRequest);
        foreach (byte[] expected in lines)
        {
            byte[] line = reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult()
                ?? throw new PropertyException("a line was not read");
            Require.AreEqual(expected, line);
        }

        features.Add("lines", Features.ClassOf(lines.Count), isTooLong ? 1 : 0);
        Require.AreEqual(isTooLong, !Ends(reader), "the end");
        foreach (byte[] line in lines.Distinct(ByContent.Instance))
        {
            Answer(line, features);
        }
    }

    private static Peer Unaskable(Peer peer) => new()
    {
        Name = peer.Name,
        Selector = peer.Selector,
        InboundPolicy = peer.InboundPolicy,
        Outbound = peer.Outbound,
        OutboundRecord = peer.OutboundRecord,
        Inbound = peer.Inbound,
        InboundRecord = null,
        Monitor = peer.Monitor,
    };

    /// <summary>Lines up to the first that is too long, and whether there is one.</summary>
    private static (List<byte[]> Lines, bool IsTooLong) PlainLines(byte[] octets)
    {
        var lines = new List<byte[]>();
        int start = 0;
        for (int at = 0; at < octets.Length; at++)
        {
            if (octets[at] == '\n')
            {
                lines.Add(octets[start..at]);
                start = at + 1;
            }
            else if (at - start >= ControlConnection.LongestRequest)
            {
                return (lines, true);
            }
        }

        return (lines, false);
    }

    private static bool Ends(LineReader reader)
    {
        try
        {
            Require.Holds(reader.ReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is null, "nothing but lines is read");
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private void Answer(byte[] line, Features features)
    {
        ControlAnswer answer = _verbs.AnswerAsync(line, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        object?[] parts = [answer.Error, answer.Status, answer.Probe, answer.Diagnosis, answer.Reload, answer.Records, answer.StoppingPid];
        Require.AreEqual(1, parts.Count(part => part is not null));
        byte[] written = JsonSerializer.SerializeToUtf8Bytes(answer, ControlJson.Default.ControlAnswer);
        Require.Holds(!written.Contains((byte)'\n'), "an answer is one line");
        Require.Holds(written.Length <= (6 * line.Length) + 4096, "an answer is not much longer than its request");
        Require.Holds(JsonSerializer.Deserialize(written, ControlJson.Default.ControlAnswer) is not null);
        features.AddMessage("answer", answer.Error ?? (answer.Probe is null ? answer.Status is null ? "stop" : "status" : "probe"));
        features.Add("probed", answer.Probe?.Length ?? -1);
    }
}
