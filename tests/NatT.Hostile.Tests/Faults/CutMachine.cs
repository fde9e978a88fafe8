using System.Buffers.Binary;
using NatT.Crypto;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;
using NatT.Tunnel.Tests.State;

namespace NatT.Hostile.Tests.Faults;

/// <summary>A machine whose power can be cut at any of its writes, and what its natt-tun does in one life.</summary>
internal sealed class CutMachine : IDisposable
{
    private const int BodyLength = 40;

    private readonly SimulatedMachine _machine = new();
    private readonly PeerConf _conf;
    private readonly RandomIvs _ivs;
    private readonly byte[] _packet = new byte[200];
    private TimeSpan _now;

    public CutMachine(string suite)
    {
        _conf = FaultConf.OfA(suite);
        _ivs = new RandomIvs(new Random(2026).NextBytes);
        _machine.Store.OpenOutbound(_conf.Outbound.FingerprintAs(AssociationDirection.Outbound)).Close(1);
        Restart();
    }

    public SimulatedDisk Disk => _machine.Disk;

    public bool IsPowerOff => Disk.IsPowerOff;

    /// <summary>Another boot; the power may be cut while the journal is read.</summary>
    public bool TryRestart()
    {
        try
        {
            _machine.CutPower();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Restart() => Assert.True(TryRestart());

    /// <summary>The writes of <paramref name="life"/>, each as its octets.</summary>
    public List<byte[]> WritesOf(Action life)
    {
        var writes = new List<byte[]>();
        Disk.Writing = writes.Add;
        life();
        Disk.Writing = null;
        return writes;
    }

    /// <summary>Cuts the power at write <paramref name="at"/> of what follows, after so many octets.</summary>
    public void CutAt(int at, int octets)
    {
        int count = 0;
        Disk.Writing = _ =>
        {
            if (count++ == at)
            {
                Disk.PowerFailsAfter = octets;
                Disk.Writing = null;
            }
        };
    }

    /// <summary>
    /// A process from its start to its clean stop, or to where the power fails: numbers of the first block, half of it, the next
    /// blocks; marks; a fresh answer; quiet and busy. Null where it could not start.
    /// </summary>
    /// <param name="audit">Checks all that is sent.</param>
    /// <param name="packets">How many are sent, about.</param>
    /// <param name="stops">With a clean stop.</param>
    public Peer? Live(NumberAudit audit, int packets, bool stops = true)
    {
        Peer peer;
        try
        {
            peer = new PeerFactory(_ivs, _machine.Store, TimeProvider.System, _machine.Logger).Create([_conf], new OuterEndpoint?[1])[0];
        }
        catch (StateUnavailableException)
        {
            return null;
        }

        InboundRecord inbound = peer.InboundRecord!;
        ulong top = audit.HighestTaken;
        Take(peer, audit, fresh: top + 10);
        for (int i = 0; i < packets && !IsPowerOff; i++)
        {
            _now += TimeSpan.FromMilliseconds(i % 100 == 0 ? 400 : 1);
            Send(peer, audit);
            if (!IsPowerOff && i % 5 == 0)
            {
                ulong next = peer.Inbound.Top + (i % 100 == 0 ? 50UL : 1);
                inbound.Publish(next, _now);
                Note(peer, audit, next);
            }
        }

        if (stops && !IsPowerOff)
        {
            new PeerTable([peer]).CloseRecords(_machine.Store);
        }

        return peer;
    }

    public void Dispose()
    {
        _machine.Dispose();
        _conf.Dispose();
        _ivs.Dispose();
    }

    /// <summary>A fresh answer starts the window.</summary>
    private void Take(Peer peer, NumberAudit audit, ulong fresh)
    {
        peer.InboundRecord!.Reset(fresh, _now);
        if (!IsPowerOff)
        {
            peer.Inbound.SynchroniseAt(fresh);
            audit.NoteTaken(fresh);
        }
    }

    /// <summary>Where the power failed while it was written down, nothing was delivered.</summary>
    private void Note(Peer peer, NumberAudit audit, ulong number)
    {
        if (!IsPowerOff)
        {
            peer.Inbound.CommitNumber(number);
            audit.NoteTaken(number);
        }
    }

    private void Send(Peer peer, NumberAudit audit)
    {
        OutboundSecurityAssociation outbound = peer.Outbound;
        ulong number = outbound.Sequence.Next;
        if (number >= peer.OutboundRecord.Limit && !peer.OutboundRecord.WaitFor(number, TimeSpan.Zero))
        {
            Assert.True(IsPowerOff);
            return;
        }

        outbound.Sequence.LastReserved = peer.OutboundRecord.Limit - 1;
        Span<byte> packet = _packet.AsSpan(0, outbound.Parameters.SealedLength(BodyLength));
        Assert.Equal(DropReason.None, outbound.TryPrepare(packet, BodyLength, EspTrailer.NextHeaderIPv4, out _));
        bool isAead = FaultConf.IsAead(_conf.Suite.Name);
        audit.NoteSent(number, isAead ? BinaryPrimitives.ReadUInt64BigEndian(packet[EspHeader.Size..]) : null);
        peer.OutboundRecord.Use(outbound.Sequence.Next, _now);
    }
}
