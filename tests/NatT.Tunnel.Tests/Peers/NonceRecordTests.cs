using NatT.Crypto;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;
using NatT.Tunnel.Tests.Configuration;
using NatT.Tunnel.Tests.State;

namespace NatT.Tunnel.Tests.Peers;

/// <summary>Suites whose nonces are made of sequence numbers start from their record, or not at all.</summary>
public sealed class NonceRecordTests : IDisposable
{
    private readonly SimulatedMachine _machine = new();
    private readonly RandomIvs _ivs = new(new Random(1).NextBytes);

    public static TheoryData<string> Suites => ["aes-gcm-16", "chacha20-poly1305"];

    [Theory]
    [MemberData(nameof(Suites))]
    public void Without_a_record_nothing_starts_and_no_record_is_made(string suite)
    {
        using PeerConf conf = Conf(suite);

        AssertRefused(conf);
        AssertRefused(conf);

        Assert.Empty(_machine.Disk.Octets);
    }

    [Theory]
    [MemberData(nameof(Suites))]
    public void With_a_record_it_starts_behind_what_was_used(string suite)
    {
        using PeerConf conf = Conf(suite);
        MakeRecord(conf);

        Assert.Equal(1UL, Start(conf));
        _machine.Kill();

        Assert.Equal(1UL + OutboundRecord.SmallestBlock, Start(conf));
    }

    [Fact]
    public void Another_SPI_does_not_start_the_numbers_of_a_key_again()
    {
        using PeerConf conf = Conf("aes-gcm-16");
        MakeRecord(conf);
        Start(conf);
        _machine.Kill();
        using PeerConf renumbered = Conf("aes-gcm-16", spiOut: 0x1003);

        Assert.Equal(1UL + OutboundRecord.SmallestBlock, Start(renumbered));
    }

    [Fact]
    public void A_torn_record_is_none()
    {
        using PeerConf conf = Conf("aes-gcm-16");
        MakeRecord(conf);
        for (int left = 0; left < JournalRecord.Size; left += 7)
        {
            byte[] whole = _machine.Disk.Octets;
            _machine.Disk.Octets = whole[..left];
            _machine.Kill();

            AssertRefused(conf);

            _machine.Disk.Octets = whole;
            _machine.Kill();
        }

        Assert.Equal(1UL, Start(conf));
    }

    [Fact]
    public void A_corrupt_record_is_none_and_stays_none()
    {
        using PeerConf conf = Conf("chacha20-poly1305");
        MakeRecord(conf);
        _machine.Disk.Octets = [.. _machine.Disk.Octets.Select((octet, i) => i % JournalRecord.Size == 20 ? (byte)~octet : octet)];
        _machine.Kill();

        AssertRefused(conf);
        _machine.Kill();

        AssertRefused(conf);
    }

    [Fact]
    public void A_torn_record_behind_an_intact_one_skips_what_it_may_have_reserved()
    {
        using PeerConf conf = Conf("aes-gcm-16");
        MakeRecord(conf);
        _machine.Disk.Octets = [.. _machine.Disk.Octets, 1, 2, 3];
        _machine.Kill();

        Assert.Equal(1UL + Journal.LargestStep, Start(conf));
    }

    [Fact]
    public void A_journal_damaged_beyond_what_skipping_makes_up_for_is_refused_and_left_as_it_is()
    {
        using var disk = new SimulatedDisk();
        using var folder = new TopsFolder();
        using PeerConf conf = Conf("aes-gcm-16");
        using (StateStore store = Open(disk, folder, isStrict: false))
        {
            store.OpenOutbound(conf.Outbound.FingerprintAs(AssociationDirection.Outbound)).Close(1);
        }

        byte[] damaged = [.. disk.Octets, .. new byte[129 * JournalRecord.Size]];
        disk.Octets = damaged;

        for (int start = 0; start < 2; start++)
        {
            var refused = Assert.Throws<StateUnavailableException>(() => Open(disk, folder, isStrict: true));
            Assert.Equal(
                $"state_dir {folder.Path}: 129 places of the journal are damaged, so numbers may be lost, and with them what keeps nonces "
                + "from repeating: make new keys for each peer of aes-gcm-16 or chacha20-poly1305: natt-tun keygen --suite NAME",
                refused.Message);
            Assert.Equal(damaged, disk.Octets);
        }
    }

    [Fact]
    public void A_disk_that_takes_nothing_lets_nothing_start()
    {
        using PeerConf conf = Conf("aes-gcm-16");
        MakeRecord(conf);
        _machine.Disk.IsFull = true;

        var refused = Assert.Throws<StateUnavailableException>(() => Start(conf));

        Assert.EndsWith(
            ": No space left on device; free some space, or set state_dir to a directory on another disk", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_line_is_enough_for_any_number_of_confs()
    {
        PeerConf[] confs = [Conf("aes-gcm-16"), Conf("aes-gcm-16", key: 2), Conf("chacha20-poly1305", key: 4)];
        MakeRecord(confs[1]);

        var refused = Assert.Throws<StateUnavailableException>(() => Create(confs));

        Assert.Equal($"{Complaint(confs[0])} (the same holds for 1 more)", refused.Message);
        Array.ForEach(confs, conf => conf.Dispose());
    }

    [Fact]
    public void A_suite_that_draws_its_IVs_at_random_needs_none()
    {
        using PeerConf conf = ConfText.ParseGood(ConfText.Minimal);

        Assert.Equal(1UL, Start(conf));
    }

    public void Dispose()
    {
        _machine.Dispose();
        _ivs.Dispose();
    }

    internal static PeerConf Conf(string suite, uint spiOut = 0x1002, int key = 0) => ConfText.ParseGood(
        $"""
        local_private_ip = 10.1.0.1
        remote_private_ip = 10.2.0.1
        spi_in = 0x1001
        spi_out = 0x{spiOut:x}
        enc_in = 0x{Key(key)}
        enc_out = 0x{Key(key + 1)}
        suite = {suite}
        """);

    private static string Key(int first) => Convert.ToHexString([.. Enumerable.Range(first, 36).Select(i => (byte)i)]);

    private string Complaint(PeerConf conf) =>
        $"p.conf: state_dir {_machine.Store.Folder} has no intact record of its sequence numbers, without which {conf.Suite.Name} must not start: "
        + "if its keys were never used, sudo natt-tun state init --conf p.conf; "
        + $"else make new ones: natt-tun keygen --suite {conf.Suite.Name}";

    private void AssertRefused(PeerConf conf)
    {
        Assert.Equal(Complaint(conf), Assert.Throws<StateUnavailableException>(() => Start(conf)).Message);
    }

    private void MakeRecord(PeerConf conf) =>
        _machine.Store.OpenOutbound(conf.Outbound.FingerprintAs(AssociationDirection.Outbound)).Close(1);

    /// <summary>The first number that the peer would use.</summary>
    private ulong Start(PeerConf conf)
    {
        using Peer peer = Create(conf).Single();
        return peer.OutboundRecord.First;
    }

    private IReadOnlyList<Peer> Create(params PeerConf[] confs) =>
        new PeerFactory(_ivs, _machine.Store, TimeProvider.System, _machine.Logger).Create(confs, new OuterEndpoint?[confs.Length]);

    private StateStore Open(SimulatedDisk disk, TopsFolder folder, bool isStrict) => new(
        folder.Path, held: null, disk.Open(), TopsFile.Open(Path.Combine(folder.Path, "tops"), Guid.NewGuid()), _machine.Logger, isStrict);

    private sealed class TopsFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("natt-nonces-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
