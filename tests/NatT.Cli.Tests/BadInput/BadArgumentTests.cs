namespace NatT.Cli.Tests.BadInput;

/// <summary>What the process itself prints for arguments that are no good, and what it ends with.</summary>
public sealed class BadArgumentTests
{
    [Theory]
    [InlineData("natt-tun: --conf FILE is missing; see natt-tun --help")]
    [InlineData("natt-tun: --conf FILE is missing; see natt-tun --help", "--verbose")]
    [InlineData("natt-tun: --conf FILE is missing; see natt-tun --help", "--")]
    [InlineData("natt-tun: --conf FILE is missing; see natt-tun --help", "-")]
    [InlineData("natt-tun: --conf needs a value; see natt-tun --help", "--conf")]
    [InlineData("natt-tun: cannot make sense of --conf=; see natt-tun --help", "--conf=")]
    [InlineData("'': no usable file name, check it", "--conf", "")]
    [InlineData("natt-tun: unknown option x; see natt-tun --help", "-x")]
    [InlineData("natt-tun: unknown option daemon; see natt-tun --help", "--conf", "peer.conf", "--daemon=yes")]
    [InlineData("natt-tun: there is no verb start, a conf goes behind --conf; see natt-tun --help", "start")]
    [InlineData("natt-tun: there is no verb peer.conf, a conf goes behind --conf; see natt-tun --help", "peer.conf")]
    [InlineData("a?b: no such file, check the name", "--conf", "a\nb")]
    [InlineData("natt-tun check: --conf FILE is missing; see natt-tun check --help", "check")]
    [InlineData("natt-tun check: --conf needs a value; see natt-tun check --help", "check", "--conf")]
    [InlineData("natt-tun check: unknown option fix; see natt-tun check --help", "check", "--conf", "peer.conf", "--fix")]
    [InlineData("natt-tun keygen: nobody knows what extra is for; see natt-tun keygen --help", "keygen", "extra")]
    [InlineData("natt-tun keygen: --out needs a value; see natt-tun keygen --help", "keygen", "--out")]
    [InlineData("natt-tun keygen: --here needs a value; see natt-tun keygen --help", "keygen", "--here", "--force")]
    [InlineData("natt-tun keygen: --port: '-1' is no whole number, write one from 1 to 65535; see natt-tun keygen --help",
        "keygen", "--port", "-1")]
    [InlineData("natt-tun keygen: --out is given twice; see natt-tun keygen --help", "keygen", "--out", "a", "--out", "b")]
    [InlineData("natt-tun keygen: --out is given twice; see natt-tun keygen --help", "keygen", "--out=a", "--names", "x,y", "--out", "b")]
    [InlineData("natt-tun keygen: --port is given twice; see natt-tun keygen --help", "keygen", "--port", "1", "--port", "1")]
    [InlineData("natt-tun status: --tun is given twice; see natt-tun status --help", "status", "--tun", "natt0", "--tun", "natt1")]
    [InlineData("natt-tun status: --json is given twice; see natt-tun status --help", "status", "--json", "--json")]
    [InlineData("natt-tun status: unknown option bogus; see natt-tun status --help", "status", "--bogus")]
    [InlineData("natt-tun stop: unknown option force; see natt-tun stop --help", "stop", "--force")]
    public async Task Draws_one_line_and_exit_code_2(string line, params string[] arguments)
    {
        (int exitCode, string output, string errors) = await Command.RunAsync(arguments);

        Assert.Equal((2, "", line + "\n"), (exitCode, output, errors));
    }
}
