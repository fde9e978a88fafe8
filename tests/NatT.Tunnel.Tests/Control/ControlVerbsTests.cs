using NatT.Tunnel.Control;
using NatT.Tunnel.Diagnosis;
using NatT.Tunnel.Tests.DataPath.Lab;

namespace NatT.Tunnel.Tests.Control;

public sealed class ControlVerbsTests : IDisposable
{
    private readonly ControlLab _lab = new();

    [Theory]
    [InlineData("")]
    [InlineData("status")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("42")]
    [InlineData("{}")]
    [InlineData("{\"verb\":null}")]
    [InlineData("{\"verb\":7}")]
    [InlineData("{\"verb\":\"STATUS\"}")]
    [InlineData("{\"verb\":\"status\"} {\"verb\":\"stop\"}")]
    [InlineData("{\"verb\":\"status\"")]
    [InlineData("{\"verb\":\"status\\u0000\"}")]
    [InlineData("\u0000\u0001\u0002")]
    public async Task Whatever_is_no_request_gets_an_error_that_shows_one(string line)
    {
        ControlAnswer answer = await _lab.AskAsync(line);

        Assert.Contains("""{"verb":"status"}""", answer.Error, StringComparison.Ordinal);
        Assert.Null(answer.Status);
        Assert.Null(answer.Probe);
        Assert.Null(answer.StoppingPid);
    }

    [Fact]
    public async Task Deep_nesting_and_octets_that_are_no_UTF8_get_an_error()
    {
        byte[] broken = [.. "{\"verb\":\""u8, 0xff, 0xfe, .. "\"}"u8];

        Assert.NotNull((await _lab.AskAsync(new string('[', 60_000))).Error);
        Assert.NotNull((await _lab.Verbs.AnswerAsync(broken, CancellationToken.None)).Error);
    }

    [Fact]
    public async Task Status_is_the_report()
    {
        _lab.Tunnel.ExchangeProbes();

        ControlAnswer answer = await _lab.AskAsync("""{"verb":"status"}""");

        Assert.Equal("natt0", answer.Status?.Device);
        Assert.Equal(PeerStatus.Up, Assert.Single(answer.Status!.Peers).State);
        Assert.Null(answer.Error);
    }

    [Theory]
    [InlineData("""{"verb":"probe","peers":["nobody"]}""", "no peer is called 'nobody', there is ")]
    [InlineData("""{"verb":"probe","peers":[null]}""", "no peer is called '', there is ")]
    [InlineData("""{"verb":"probe","peers":"a"}""", """expected {"verb":"status"}""")]
    [InlineData("""{"verb":"probe","peers":[1]}""", """expected {"verb":"status"}""")]
    public async Task Probe_of_what_is_no_peer_is_an_error(string line, string error)
    {
        ControlAnswer answer = await _lab.AskAsync(line);

        Assert.StartsWith(error, answer.Error, StringComparison.Ordinal);
        Assert.Null(answer.Probe);
    }

    [Fact]
    public async Task Probe_of_no_peers_asks_nobody()
    {
        ControlAnswer answer = await _lab.AskAsync("""{"verb":"probe","peers":[]}""");

        Assert.Empty(answer.Probe!.Value);
    }

    [Fact]
    public async Task Diagnosis_is_what_was_found_of_late()
    {
        Assert.Empty((await _lab.AskAsync("""{"verb":"diagnosis"}""")).Diagnosis!.Value);
        byte[] stranger = Convert.FromHexString("0000999900000001000000000000000000000000");
        _lab.Tunnel.Replay([new Datagram(EndConf.OuterB, EndConf.OuterA, stranger)]);
        _lab.Tunnel.A.Tick();
        _lab.Tunnel.Time.Advance(TimeSpan.FromSeconds(2));

        ControlAnswer answer = await _lab.AskAsync("""{"verb":"diagnosis"}""");

        MismatchReport report = Assert.Single(answer.Diagnosis!.Value);
        Assert.Equal(("SpiUnknown", null, false, 2.0), (report.Cause, report.Peer, report.Proven, report.SecondsAgo));
        Assert.StartsWith("198.51.100.2:1100 sends under SPI 0x00009999, ", report.Text, StringComparison.Ordinal);
        Assert.Null(answer.Error);
    }

    [Fact]
    public async Task Stop_names_the_process_and_leaves_stopping_to_the_socket()
    {
        ControlAnswer answer = await _lab.AskAsync("""{"verb":"stop"}""");

        Assert.Equal(Environment.ProcessId, answer.StoppingPid);
    }

    public void Dispose() => _lab.Dispose();
}
