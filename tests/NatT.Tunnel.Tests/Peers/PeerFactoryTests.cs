using Microsoft.Extensions.Logging;
using NatT.Crypto;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Peers;
using NatT.Tunnel.Tests.Configuration;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.Peers;

public sealed class PeerFactoryTests : IDisposable
{
    private readonly SimulatedMachine _machine = new();
    private readonly RandomIvs _ivs = new(octets => octets.Clear());

    [Theory]
    [InlineData(1, "peer p0: no record of these keys, so sequence numbers start at 1")]
    [InlineData(2, "2 peers (p0, p1): no record of these keys, so sequence numbers start at 1")]
    [InlineData(100, "100 peers (p0, p1, p2, p3, ...): no record of these keys, so sequence numbers start at 1")]
    public void First_start_is_one_line_and_one_flush_however_many_peers_there_are(int count, string line)
    {
        Start(count);

        Assert.Equal([line], _machine.Logger.Lines(LogLevel.Information));
        Assert.Equal(1, _machine.Disk.Appends);
    }

    [Fact]
    public void Later_starts_tell_of_the_new_peers_alone()
    {
        Start(2);
        _machine.Kill();

        Start(3);

        Assert.Contains("peer p2: no record of these keys, so sequence numbers start at 1", _machine.Logger.Lines(LogLevel.Information));
        Assert.Equal(2, _machine.Logger.Lines(LogLevel.Information).Count);
    }

    public void Dispose()
    {
        _machine.Dispose();
        _ivs.Dispose();
    }

    private void Start(int count)
    {
        PeerConf[] confs = [.. Enumerable.Range(0, count).Select(i => ConfText.ParseGood(ConfText.With("spi_id", $"spi_id = {i + 1000}")) with { Name = $"p{i}" })];
        var factory = new PeerFactory(_ivs, _machine.Store, TimeProvider.System, _machine.Logger);
        foreach (Peer peer in factory.Create(confs, new NatT.Tunnel.DataPath.OuterEndpoint?[count]))
        {
            peer.Dispose();
        }

        Array.ForEach(confs, conf => conf.Dispose());
    }
}
