using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Wire;

public sealed class EspHeaderTests
{
    [Fact]
    public void Spi_and_sequence_number_lie_in_network_order()
    {
        byte[] packet = new byte[9];

        EspHeader.Write(packet, 0xC0666A70, 0x01020304);

        Assert.Equal("c0666a700102030400", Convert.ToHexStringLower(packet));
        Assert.Equal(0xC0666A70, EspHeader.ReadSpi(packet));
        Assert.Equal(0x01020304u, EspHeader.ReadSequenceNumber(packet));
    }
}
