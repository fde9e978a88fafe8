using NatT.Tunnel.Segmentation;

namespace NatT.Tunnel.Tests.Segmentation;

public sealed class VirtioHeaderTests
{
    // As Linux writes it for a TCP super-packet of IPv4 with timestamps, segments of 1348.
    private const string Octets = "0181420044051400" + "1000";

    private static readonly VirtioHeader Header = new(
        VirtioHeader.NeedsChecksum, VirtioHeader.TcpIPv4 | VirtioHeader.HasEcn, 66, 1348, 20, 16);

    [Fact]
    public void Fields_are_read_where_the_kernel_puts_them() =>
        Assert.Equal(Header, VirtioHeader.Read(Convert.FromHexString(Octets)));

    [Fact]
    public void Fields_are_written_where_the_kernel_looks_for_them()
    {
        byte[] octets = new byte[VirtioHeader.Size];

        Header.WriteTo(octets);

        Assert.Equal(Octets, Convert.ToHexString(octets), ignoreCase: true);
    }
}
