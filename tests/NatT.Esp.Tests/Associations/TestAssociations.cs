using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Esp.Tests.Associations;

/// <summary>Two ends of an SA under fixed keys, and the steps that a data path takes with them.</summary>
internal static class TestAssociations
{
    public const uint Spi = 0x1234;

    private static readonly AesCbcHmacSha256 Suite = AesCbcHmacSha256.Create();
    private static readonly byte[] EncryptionKey = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] AuthenticationKey = [.. Enumerable.Repeat((byte)7, 32)];

    public static SecurityAssociationParameters Parameters(bool isExtended = false, int icvSize = 16) =>
        new(Spi, Suite.CreateKey(EncryptionKey, AuthenticationKey, icvSize), isExtended);

    public static OutboundSecurityAssociation Outbound(ulong first = 1, bool isExtended = false, int icvSize = 16) =>
        new(
            Parameters(isExtended, icvSize),
            new SequenceCounter(first, isExtended) { LastReserved = ulong.MaxValue },
            new RandomIvs(new Random(1).NextBytes));

    /// <summary>Synchronised at <paramref name="top"/>, or not at all where that is null.</summary>
    public static InboundSecurityAssociation Inbound(int windowSize = 64, bool isExtended = false, int icvSize = 16, ulong? top = 0)
    {
        var association = new InboundSecurityAssociation(Parameters(isExtended, icvSize), windowSize);
        if (top is ulong known)
        {
            association.SynchroniseAt(known);
        }

        return association;
    }

    public static byte[] Seal(OutboundSecurityAssociation association, byte[] body, byte nextHeader = EspTrailer.NextHeaderIPv4)
    {
        byte[] packet = new byte[association.Parameters.SealedLength(body.Length)];
        Assert.Equal(DropReason.None, association.TryPrepare(packet, body.Length, nextHeader, out SealJob job));
        association.Parameters.Key.Suite.Seal(body, packet, [job]);
        return packet;
    }

    /// <summary>Seals a plaintext as it is, whatever its trailer says, as a sender with other habits might.</summary>
    public static byte[] SealPlaintext(byte[] plaintext, uint number = 1, int icvSize = 16)
    {
        using CipherKey key = Parameters(icvSize: icvSize).Key;
        byte[] packet = new byte[Suite.Overhead(icvSize) + plaintext.Length];
        EspHeader.Write(packet, Spi, number);
        var job = new SealJob { Key = key, BodyOffset = 0, BodyLength = plaintext.Length, Offset = 0, Length = packet.Length };
        Suite.Seal(plaintext, packet, [job]);
        return packet;
    }

    /// <summary>Opens a copy of the packet that must be authentic, and gives its inner packet with whatever trails it.</summary>
    public static DropReason Open(InboundSecurityAssociation association, byte[] packet, out byte[] body, out byte nextHeader)
    {
        byte[] copy = [.. packet];
        Assert.Equal(DropReason.None, association.TryPrepare(copy, out OpenJob job, out ulong number));
        Assert.True(IsAuthentic(copy, job));
        DropReason reason = association.CheckNumber(number);
        if (reason == DropReason.None)
        {
            reason = association.TryReadBody(copy, out Range range, out nextHeader);
            body = copy[range];
            if (reason == DropReason.None)
            {
                association.CommitNumber(number);
            }

            return reason;
        }

        body = [];
        nextHeader = 0;
        return reason;
    }

    /// <summary>Opens in place.</summary>
    public static bool IsAuthentic(byte[] packet, OpenJob job)
    {
        OpenJob[] jobs = [job];
        job.Key.Suite.Open(packet, jobs);
        return jobs[0].IsAuthentic;
    }
}
