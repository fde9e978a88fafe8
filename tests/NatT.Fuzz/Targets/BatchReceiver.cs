using NatT.Crypto;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Wire;

namespace NatT.Fuzz.Targets;

/// <summary>As the daemon opens packets: a batch through the suite in one call, then each judged in order.</summary>
internal sealed class BatchReceiver(InboundSecurityAssociation association) : IEspReceiver
{
    public int MostAtOnce => 20;

    public ulong Top => association.Top;

    public void Open(byte[] buffer, IReadOnlyList<Range> packets, Action<int, DropReason, Range> tell)
    {
        var jobs = new List<OpenJob>();
        var reasons = new DropReason[packets.Count];
        ulong[] numbers = new ulong[packets.Count];
        for (int i = 0; i < packets.Count; i++)
        {
            ReadOnlySpan<byte> packet = buffer.AsSpan(packets[i]);
            reasons[i] = packet.Length < EspHeader.Size ? DropReason.TooShort
                : EspHeader.ReadSpi(packet) != association.Parameters.Spi ? DropReason.UnknownSpi
                : association.TryPrepare(packet, out OpenJob job, out numbers[i]) is DropReason reason and not DropReason.None ? reason
                : Add(jobs, job with { Offset = packets[i].Start.Value });
        }

        OpenJob[] opened = [.. jobs];
        association.Parameters.Key.Suite.Open(buffer, opened);
        int next = 0;
        for (int i = 0; i < packets.Count; i++)
        {
            Range inner = default;
            DropReason reason = reasons[i] != DropReason.None ? reasons[i]
                : opened[next++].IsAuthentic ? Judge(buffer.AsSpan(packets[i]), numbers[i], out inner)
                : DropReason.IcvMismatch;
            tell(i, reason, inner);
        }
    }

    private static DropReason Add(List<OpenJob> jobs, OpenJob job)
    {
        jobs.Add(job);
        return DropReason.None;
    }

    private DropReason Judge(ReadOnlySpan<byte> packet, ulong number, out Range inner)
    {
        inner = default;
        DropReason reason = association.TryReadBody(packet, out Range body, out byte nextHeader);
        if (reason != DropReason.None)
        {
            return reason;
        }

        if (!InnerPacket.TryRead(packet[body], out InnerPacket found) || found.NextHeader != nextHeader)
        {
            return DropReason.MalformedInner;
        }

        inner = body.Start..(body.Start.Value + found.Octets.Length);
        reason = EspSteps.Policy.Check(found);
        reason = reason == DropReason.None ? association.CheckNumber(number) : reason;
        if (reason == DropReason.None)
        {
            association.CommitNumber(number);
        }

        return reason;
    }
}
