using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;

namespace NatT.Esp;

/// <summary>Opens ESP tunnel-mode packets of one SA (RFC 4303 §3.4), one a call. One thread owns it.</summary>
/// <remarks>
/// Its replay window starts at a number that the caller vouches for. Keys are static, so an opener that starts lower than an
/// earlier one under the same key ended takes that one's packets again.
/// </remarks>
public sealed class EspOpener : IDisposable
{
    private readonly InboundSecurityAssociation _association;
    private readonly InboundPolicy _policy;

    /// <param name="parameters">SPI and keys of tunnel mode; the opener owns them from now on.</param>
    /// <param name="policy">Which inner packets the SA may carry.</param>
    /// <param name="windowSize">32 to 8192; 0: no replay protection.</param>
    /// <param name="top">The highest number opened so far: 0 for keys that nobody used yet.</param>
    public EspOpener(SecurityAssociationParameters parameters, InboundPolicy policy, int windowSize = 1024, ulong top = 0)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(policy);
        parameters.RequireTunnelMode();
        _policy = policy;
        _association = new InboundSecurityAssociation(parameters, windowSize);
        _association.SynchroniseAt(top);
    }

    /// <summary>The highest number opened so far; 0 without a window.</summary>
    public ulong Top => _association.Top;

    /// <summary>Opens one packet in place.</summary>
    /// <param name="packet">
    /// SPI to ICV, as <see cref="UdpEncapsulation.TryFindEsp"/> finds it. What was forged keeps its octets, what was authentic is
    /// decrypted, delivered or not.
    /// </param>
    /// <param name="inner">Where in <paramref name="packet"/> the inner packet lies, without what trailed it.</param>
    /// <returns><see cref="DropReason.None"/>, or the first reason not to deliver it: then nothing about the SA has changed.</returns>
    public DropReason TryOpen(Span<byte> packet, out Range inner)
    {
        inner = default;
        DropReason reason = TryDecrypt(packet, out ulong number);
        if (reason != DropReason.None)
        {
            return reason;
        }

        reason = _association.TryReadBody(packet, out Range body, out byte nextHeader);
        if (reason != DropReason.None)
        {
            return reason;
        }

        if (!InnerPacket.TryRead(packet[body], out InnerPacket found) || found.NextHeader != nextHeader)
        {
            return DropReason.MalformedInner;
        }

        reason = _policy.Check(found);
        if (reason != DropReason.None)
        {
            return reason;
        }

        _association.CommitNumber(number);
        inner = body.Start..(body.Start.Value + found.Octets.Length);
        return DropReason.None;
    }

    /// <summary>Wipes the keys.</summary>
    public void Dispose() => _association.Dispose();

    private DropReason TryDecrypt(Span<byte> packet, out ulong number)
    {
        number = 0;
        if (packet.Length < EspHeader.Size)
        {
            return DropReason.TooShort;
        }

        if (EspHeader.ReadSpi(packet) != _association.Parameters.Spi)
        {
            return DropReason.UnknownSpi;
        }

        DropReason reason = _association.TryPrepare(packet, out OpenJob job, out number);
        if (reason == DropReason.None)
        {
            // A replay costs no decryption here; what an authentic one would tell, nobody waits for.
            reason = _association.CheckNumber(number);
        }

        if (reason != DropReason.None)
        {
            return reason;
        }

        _association.Parameters.Key.Suite.Open(packet, new Span<OpenJob>(ref job));
        return job.IsAuthentic ? DropReason.None : DropReason.IcvMismatch;
    }
}
