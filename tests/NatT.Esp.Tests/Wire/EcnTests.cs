using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Wire;

public sealed class EcnTests
{
    private const int Drop = -1;
    private const byte NotEct = Ecn.NotCapable;
    private const byte Ect0 = Ecn.Ect0;
    private const byte Ect1 = Ecn.Ect1;
    private const byte Ce = Ecn.CongestionExperienced;

    /// <summary>RFC 6040 figure 4: arriving inner, arriving outer, departing.</summary>
    public static TheoryData<byte, byte, int> Figure4 => new()
    {
        { NotEct, NotEct, NotEct }, { NotEct, Ect0, NotEct }, { NotEct, Ect1, NotEct }, { NotEct, Ce, Drop },
        { Ect0, NotEct, Ect0 }, { Ect0, Ect0, Ect0 }, { Ect0, Ect1, Ect1 }, { Ect0, Ce, Ce },
        { Ect1, NotEct, Ect1 }, { Ect1, Ect0, Ect1 }, { Ect1, Ect1, Ect1 }, { Ect1, Ce, Ce },
        { Ce, NotEct, Ce }, { Ce, Ect0, Ce }, { Ce, Ect1, Ce }, { Ce, Ce, Ce },
    };

    [Theory]
    [MemberData(nameof(Figure4))]
    public void Marks_leave_the_tunnel_as_figure_4_says(byte inner, byte outer, int expected)
    {
        const byte innerDscp = 0xB8;
        const byte outerDscp = 0x28;

        bool isDelivered = Ecn.TryDecapsulate((byte)(outerDscp | outer), (byte)(innerDscp | inner), out byte result);

        Assert.Equal(expected != Drop, isDelivered);
        if (isDelivered)
        {
            Assert.Equal(innerDscp | expected, result);
        }
    }

    [Fact]
    public void The_codepoints_are_those_of_rfc_3168() =>
        Assert.Equal((0b00, 0b01, 0b10, 0b11), (Ecn.NotCapable, Ecn.Ect1, Ecn.Ect0, Ecn.CongestionExperienced));

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xB9)]
    [InlineData(0xBA)]
    [InlineData(0xBB)]
    public void The_outer_header_copies_dscp_and_ecn(byte inner) => Assert.Equal(inner, Ecn.Encapsulate(inner));
}
