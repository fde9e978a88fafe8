using System.IO.Pipelines;
using System.Text;
using NatT.Tunnel.Control;

namespace NatT.Tunnel.Tests.Control;

public sealed class LineReaderTests
{
    private const int Longest = 10;

    private readonly Pipe _pipe = new();
    private readonly LineReader _lines;

    public LineReaderTests()
    {
        _lines = new LineReader(_pipe.Reader.AsStream(), Longest);
    }

    [Fact]
    public async Task Lines_that_come_together_are_read_one_by_one()
    {
        await WriteAsync("one\ntwo\n\nthree\n");

        Assert.Equal("one", await ReadAsync());
        Assert.Equal("two", await ReadAsync());
        Assert.Equal("", await ReadAsync());
        Assert.Equal("three", await ReadAsync());
    }

    [Fact]
    public async Task Line_that_comes_octet_by_octet_is_read_whole()
    {
        Task<string?> reading = ReadAsync();
        foreach (char c in "slowly\n")
        {
            Assert.False(reading.IsCompleted);
            await WriteAsync($"{c}");
        }

        Assert.Equal("slowly", await reading.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Line_of_the_longest_length_is_read()
    {
        await WriteAsync("0123456789\n");

        Assert.Equal("0123456789", await ReadAsync());
    }

    [Theory]
    [InlineData("0123456789a\n")]
    [InlineData("0123456789a")]
    public async Task Longer_line_is_refused_whether_or_not_it_ends(string line)
    {
        await WriteAsync(line);

        await Assert.ThrowsAsync<InvalidDataException>(ReadAsync);
    }

    [Fact]
    public async Task Line_without_a_newline_counts_for_nothing_at_the_end()
    {
        await WriteAsync("whole\nhalf");
        await _pipe.Writer.CompleteAsync();

        Assert.Equal("whole", await ReadAsync());
        Assert.Null(await ReadAsync());
        Assert.Null(await ReadAsync());
    }

    private async Task WriteAsync(string text) => await _pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(text));

    private async Task<string?> ReadAsync() =>
        await _lines.ReadAsync(CancellationToken.None) is byte[] line ? Encoding.UTF8.GetString(line) : null;
}
