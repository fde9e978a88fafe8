using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Associations;

/// <summary>Two UDP payloads as a Linux 6.1.176 kernel sent them, set up as static-ipsec-nat-t does.</summary>
/// <remarks>
/// <c>ip xfrm state add … spi 0xc0666a70 mode tunnel auth sha256 KEY enc aes KEY encap espinudp-nonike 1100 1100 0.0.0.0</c>:
/// the non-IKE framing, AES-192, an HMAC key of 16 octets, an ICV of 96 bits.
/// </remarks>
public sealed class LinuxFrameTests
{
    private const uint Spi = 0xC0666A70;
    private const string EncryptionKey = "ea89273861739abc9e0d527ad98462108365289dcb1a6738";
    private const string AuthenticationKey = "8896ab8654cd9875e214a978bd31209f";

    public static TheoryData<uint, string> Frames => new()
    {
        {
            1,
            "0000000000000000c0666a70000000015b5e2f12c142bc988eb859b0f251600e"
                + "281bcdd15bddcb5bc8815136f6917f15042796f8e47a10b35f6f93ba7c010c0a"
                + "59424aab10b9a69b39f5c28228d425af04fc047f5653912e48e284da71e1e8db"
                + "321c4789fa377497a1c682a6769095e5fc102f92c77fa6f24423732e4980463c"
                + "efd6487d8620f4de83bcc9d3"
        },
        {
            2,
            "0000000000000000c0666a7000000002e35f12b093f073786ff280b237617329"
                + "515f49646068bd6dfde929db74bcbbf7c98db3fc673c47f1ba6c5b83ef86c771"
                + "b59c92cef04cab3db4a089fe7c111bc06fdebb7ad24ef3b638e5db0e57b94f8d"
                + "92dead6ab311cd41f0ad6f64c91307548215c074e5e12c4ce50db780617d5454"
                + "8ebf15847284c275a8568058"
        },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public void The_kernels_frame_holds_an_echo_request(uint number, string frame)
    {
        byte[] datagram = Convert.FromHexString(frame);
        Assert.Equal(DropReason.None, UdpEncapsulation.TryFindEsp(datagram, out UdpFraming framing));
        Assert.Equal(UdpFraming.NonIke, framing);
        byte[] packet = datagram[UdpEncapsulation.MarkerSize(framing)..];
        Assert.Equal((Spi, number), (EspHeader.ReadSpi(packet), EspHeader.ReadSequenceNumber(packet)));
        using InboundSecurityAssociation association = new(Parameters(), windowSize: 32);
        association.SynchroniseAt(0);

        Assert.Equal(DropReason.None, TestAssociations.Open(association, packet, out byte[] body, out byte nextHeader));

        Assert.Equal(EspTrailer.NextHeaderIPv4, nextHeader);
        Assert.Equal(84, body.Length);
        Assert.True(InnerPacket.TryRead(body, out InnerPacket inner));
        Assert.Equal(84, inner.Octets.Length);
        Assert.Equal(("10.2.0.1", "10.1.0.1"), (inner.Source.ToString(), inner.Destination.ToString()));
        Assert.True(inner.HasValidHeaderChecksum);
        Assert.True(IcmpEcho.IsRequest(inner));
        Assert.Equal(0, TestPackets.Checksum(body[20..]));
        Assert.Equal(number, association.Top);
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void The_same_body_under_the_same_iv_and_number_makes_the_same_frame(uint number, string frame)
    {
        byte[] original = Convert.FromHexString(frame);
        using InboundSecurityAssociation inbound = new(Parameters(), windowSize: 0);
        Assert.Equal(DropReason.None, TestAssociations.Open(inbound, original[8..], out byte[] body, out byte nextHeader));
        using OutboundSecurityAssociation outbound = new(
            Parameters(),
            new SequenceCounter(number, isExtended: false) { LastReserved = uint.MaxValue },
            new RandomIvs(new Random(1).NextBytes));
        byte[] packet = new byte[outbound.Parameters.SealedLength(body.Length)];
        Assert.Equal(DropReason.None, outbound.TryPrepare(packet, body.Length, nextHeader, out SealJob job));
        original.AsSpan(16, 16).CopyTo(packet.AsSpan(EspHeader.Size));

        outbound.Parameters.Key.Suite.Seal(body, packet, [job]);

        byte[] datagram = [.. Enumerable.Repeat((byte)0xA5, 8), .. packet];
        UdpEncapsulation.WriteMarker(datagram, UdpFraming.NonIke);
        Assert.Equal(original, datagram);
    }

    [Theory]
    [MemberData(nameof(Frames))]
    public void An_icv_of_128_bits_does_not_open_it(uint number, string frame)
    {
        byte[] packet = Convert.FromHexString(frame)[8..];
        Assert.Equal(number, EspHeader.ReadSequenceNumber(packet));
        using InboundSecurityAssociation association = new(Parameters(icvSize: 16), windowSize: 0);

        Assert.Equal(DropReason.Misaligned, association.TryPrepare(packet, out _, out _));
    }

    private static SecurityAssociationParameters Parameters(int icvSize = 12) => new(
        Spi,
        AesCbcHmacSha256.Create().CreateKey(
            Convert.FromHexString(EncryptionKey), Convert.FromHexString(AuthenticationKey), icvSize),
        IsExtended: false);
}
