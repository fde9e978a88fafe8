using Microsoft.Extensions.Logging.Abstractions;
using NatT.Cli.Privilege;
using NatT.Linux;
using NatT.Tunnel.Configuration;

namespace NatT.Cli.Tests;

/// <summary>What a worker that was taken over may ask its parent for.</summary>
public sealed class PrivilegedParentTests : IDisposable
{
    private const string Text =
        """
        local_private_ip = 10.1.0.1
        remote_private_ip = 10.2.0.2
        spi_in = 0x1001
        spi_out = 0x1002
        enc_in = 0x4c1f0a7dd3a1b0c95e2476184c1f0a7d
        enc_out = 0x5c1f0a7dd3a1b0c95e2476184c1f0a7d
        auth_in = 0x6c1f0a7dd3a1b0c95e2476184c1f0a7d4c1f0a7dd3a1b0c95e2476184c1f0a7d
        auth_out = 0x7c1f0a7dd3a1b0c95e2476184c1f0a7d4c1f0a7dd3a1b0c95e2476184c1f0a7d
        tun_name = natt-none
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly ConfSet _confs;
    private readonly PrivilegedParent _parent;
    private readonly List<byte> _received = [];

    public PrivilegedParentTests()
    {
        File.WriteAllText(_folder["peer.conf"], Text);
        File.SetUnixFileMode(_folder["peer.conf"], UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _confs = ConfSet.Load([_folder["peer.conf"]], ConfFileAccess.Inspect);
        Assert.True(_confs.IsValid, string.Join('\n', _confs.Problems));
        _parent = new PrivilegedParent(
            [_folder["peer.conf"]], _confs, new UserAccount("nobody", 65534, 65534), new ServiceNotification(address: null, NullLogger.Instance), NullLogger.Instance);
    }

    [Theory]
    [InlineData("00")]
    [InlineData("09")]
    [InlineData("ff")]
    [InlineData("012f65")] // ReadConfs of a file
    [InlineData("02")] // ConfigureDevice
    [InlineData("027805")]
    [InlineData("027805000000")]
    [InlineData("0343000000")] // SetDeviceMtu, 67
    [InlineData("0300000100")]
    [InlineData("03ffffffff")]
    [InlineData("040a")] // AddNetwork, KeepNewNetwork, KeepOldNetwork
    [InlineData("050a")]
    [InlineData("060a")]
    [InlineData("072f65")] // RemoveControlSocket of another file
    public void What_is_not_on_the_list_is_refused(string request) =>
        Assert.Equal("not on the list of requests", _parent.Answer(Convert.FromHexString(request), Take));

    [Theory]
    [InlineData("0278050000")]
    [InlineData("0378050000")]
    [InlineData("04")]
    [InlineData("05")]
    [InlineData("06")]
    public void Device_is_the_one_that_the_confs_name(string request) =>
        Assert.Equal("device natt-none was removed while in use", _parent.Answer(Convert.FromHexString(request), Take));

    [Fact]
    public void What_the_service_manager_is_told_needs_no_answer() =>
        Assert.Null(_parent.Answer([(byte)ParentRequest.TellManager, .. "READY=1"u8], Take));

    [Fact]
    public void Confs_arrive_as_they_are_by_then_and_are_wiped_on_the_way()
    {
        File.AppendAllText(_folder["peer.conf"], "\nmtu = 1300\n");

        Assert.Null(_parent.Answer([(byte)ParentRequest.ReadConfs], Take));

        Assert.Equal(_received.Count - sizeof(int), BitConverter.ToInt32([.. _received[..sizeof(int)]]));
        using ConfSet confs = ConfSet.Parse(ConfMessage.Read([.. _received[sizeof(int)..]], out List<ConfProblem> problems), problems);
        Assert.True(confs.IsValid, string.Join('\n', confs.Problems));
        Assert.Equal((1300, "peer"), (confs.Process.Mtu, Assert.Single(confs.Peers).Name));
    }

    [Fact]
    public void What_is_wrong_with_files_arrives_word_for_word()
    {
        File.SetUnixFileMode(_folder["peer.conf"], UnixFileMode.UserRead | UnixFileMode.OtherRead);
        File.AppendAllText(_folder["peer.conf"], "\ncolour = green\n");
        using ConfSet here = ConfSet.Load([_folder["peer.conf"]], ConfFileAccess.Inspect);

        Assert.Null(_parent.Answer([(byte)ParentRequest.ReadConfs], Take));

        using ConfSet there = ConfSet.Parse(ConfMessage.Read([.. _received[sizeof(int)..]], out List<ConfProblem> problems), problems);
        Assert.Equal(2, here.Problems.Length);
        Assert.Equal(here.Problems.ToArray(), there.Problems.ToArray());
    }

    [Fact]
    public void Files_that_are_missing_are_problems_there_too()
    {
        File.Delete(_folder["peer.conf"]);

        Assert.Null(_parent.Answer([(byte)ParentRequest.ReadConfs], Take));

        using ConfSet there = ConfSet.Parse(ConfMessage.Read([.. _received[sizeof(int)..]], out List<ConfProblem> problems), problems);
        Assert.Contains("no such file", Assert.Single(there.Problems).Text, StringComparison.Ordinal);
    }

    private void Take(ReadOnlySpan<byte> part) => _received.AddRange(part);

    public void Dispose()
    {
        _confs.Dispose();
        _folder.Dispose();
    }
}
