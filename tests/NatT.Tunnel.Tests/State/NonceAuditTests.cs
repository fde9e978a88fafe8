using System.Buffers.Binary;
using NatT.Crypto;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;
using NatT.Tunnel.Tests.Peers;

namespace NatT.Tunnel.Tests.State;

/// <summary>Over a million packets of one key, and whatever happens to the process that seals them: no nonce comes twice.</summary>
public sealed class NonceAuditTests : IDisposable
{
    private const int Kills = 100;
    private const int MostPacketsOfALife = 25_000;
    private const int BodyLength = 40;

    private readonly SimulatedMachine _machine = new();
    private readonly Random _random = new(2026);
    private readonly RandomIvs _ivs;
    private readonly HashSet<ulong> _seen = [];

    public NonceAuditTests()
    {
        _ivs = new RandomIvs(_random.NextBytes);
    }

    [Theory]
    [InlineData("aes-gcm-16")]
    [InlineData("chacha20-poly1305")]
    public void No_nonce_repeats_over_a_million_packets_a_hundred_kills_and_a_restored_older_record(string suite)
    {
        using PeerConf conf = NonceRecordTests.Conf(suite);
        MakeRecord(conf);
        byte[] backup = [];
        ulong last = 0;
        bool cameAgain = false;
        for (int life = 0; life < Kills; life++)
        {
            bool isRolledBack = life == Kills - 10;
            if (life == Kills / 2)
            {
                backup = _machine.Disk.Octets;
            }
            else if (isRolledBack)
            {
                _machine.Disk.Octets = backup;
            }

            _machine.Kill();
            ulong lastBefore = last;
            ulong first = Live(conf, _random.Next(1, MostPacketsOfALife), out last);

            // Numbers are kept apart by the record; from an older one they come again, and random bits alone keep nonces apart.
            cameAgain |= first <= lastBefore;
            Assert.Equal(isRolledBack, first <= lastBefore);
        }

        Assert.InRange(_seen.Count, 1_000_000, Kills * MostPacketsOfALife);
        Assert.True(cameAgain);
    }

    [Fact]
    public void The_audit_would_notice_what_the_random_bits_prevent()
    {
        // With the same bits drawn in each process, as if there were none, a restored record repeats nonces.
        using PeerConf conf = NonceRecordTests.Conf("aes-gcm-16");
        MakeRecord(conf);
        byte[] backup = _machine.Disk.Octets;
        using var same = new RandomIvs(octets => octets.Clear());
        using var sameAgain = new RandomIvs(octets => octets.Clear());
        Live(conf, 1000, out _, same);
        _machine.Disk.Octets = backup;
        _machine.Kill();

        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => Live(conf, 1000, out _, sameAgain));
    }

    public void Dispose()
    {
        _machine.Dispose();
        _ivs.Dispose();
    }

    private void MakeRecord(PeerConf conf) =>
        _machine.Store.OpenOutbound(conf.Outbound.FingerprintAs(AssociationDirection.Outbound)).Close(1);

    /// <summary>A process that seals so many packets, as the outbound path would, and is not closed; returns its first number.</summary>
    private ulong Live(PeerConf conf, int packets, out ulong last, RandomIvs? ivs = null)
    {
        var factory = new PeerFactory(ivs ?? _ivs, _machine.Store, TimeProvider.System, _machine.Logger);
        using Peer peer = factory.Create([conf], new OuterEndpoint?[1])[0];
        OutboundSecurityAssociation outbound = peer.Outbound;
        byte[] packet = new byte[outbound.Parameters.SealedLength(BodyLength)];
        for (int i = 0; i < packets; i++)
        {
            if (outbound.Sequence.Next >= peer.OutboundRecord.Limit)
            {
                Assert.True(peer.OutboundRecord.WaitFor(outbound.Sequence.Next, TimeSpan.Zero));
            }

            outbound.Sequence.LastReserved = peer.OutboundRecord.Limit - 1;
            Assert.Equal(DropReason.None, outbound.TryPrepare(packet, BodyLength, EspTrailer.NextHeaderIPv4, out _));
            peer.OutboundRecord.Use(outbound.Sequence.Next, TimeSpan.FromMilliseconds(i));
            ulong iv = BinaryPrimitives.ReadUInt64BigEndian(packet.AsSpan(EspHeader.Size));
            Assert.True(_seen.Add(iv), $"the IV {iv:x16} came twice, now as number {outbound.Sequence.Next - 1}");
        }

        last = outbound.Sequence.Next - 1;
        return peer.OutboundRecord.First;
    }
}
