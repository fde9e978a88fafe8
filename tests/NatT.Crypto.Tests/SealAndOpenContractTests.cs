namespace NatT.Crypto.Tests;

/// <summary>What every engine must do, octet for octet as the witness does it.</summary>
public sealed class SealAndOpenContractTests
{
    private static readonly int[] LongBodies = [511, 512, 1024, 1421, 1422, 1423, 2046, 2047, 2048, 4096, 8999, 9000];

    public static TheoryData<string, bool> EnginesWithAndWithoutEsn()
    {
        var rows = new TheoryData<string, bool>();
        foreach (string name in (IEnumerable<string>)Engines.Names)
        {
            rows.Add(name, false);
            rows.Add(name, true);
        }

        return rows;
    }

    [Fact]
    public void Every_engine_of_the_assembly_runs_this_contract() => Assert.Empty(Engines.Unlisted);

    [Theory]
    [MemberData(nameof(EnginesWithAndWithoutEsn))]
    public void Bodies_of_every_length_are_sealed_from_another_buffer(string engine, bool isExtended)
    {
        CipherSuite suite = Engines.Named(engine);
        using var batch = new SampleBatch(suite, EveryLength(), seed: 1, isExtended);
        byte[] buffer = batch.WithoutBodies();

        suite.Seal(batch.Source, buffer, batch.SealJobs);

        Assert.Equal(batch.Sealed, buffer);
    }

    [Theory]
    [MemberData(nameof(EnginesWithAndWithoutEsn))]
    public async Task Several_threads_seal_and_open_under_one_key_at_once(string engine, bool isExtended)
    {
        const int Rounds = 20;
        CipherSuite suite = Engines.Named(engine);
        int[] lengths = [.. Enumerable.Range(0, 40).Select(i => 17 * i)];
        using var batch = new SampleBatch(suite, lengths, seed: 9, isExtended, associations: 1);

        void SealAndOpen()
        {
            for (int round = 0; round < Rounds; round++)
            {
                byte[] buffer = batch.WithoutBodies();
                suite.Seal(batch.Source, buffer, batch.SealJobs);
                Assert.Equal(batch.Sealed, buffer);
                OpenJob[] jobs = [.. batch.OpenJobs];
                suite.Open(buffer, jobs);
                Assert.All(jobs, job => Assert.True(job.IsAuthentic));
                Assert.Equal(batch.Opened, buffer);
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(SealAndOpen)));
    }

    [Theory]
    [MemberData(nameof(EnginesWithAndWithoutEsn))]
    public void Bodies_of_every_length_are_sealed_in_place(string engine, bool isExtended)
    {
        CipherSuite suite = Engines.Named(engine);
        using var batch = new SampleBatch(suite, EveryLength(), seed: 2, isExtended);
        byte[] buffer = batch.WithBodies();

        suite.Seal(buffer, buffer, batch.SealJobsInPlace);

        Assert.Equal(batch.Sealed, buffer);
    }

    [Theory]
    [MemberData(nameof(EnginesWithAndWithoutEsn))]
    public void Packets_of_every_length_are_opened(string engine, bool isExtended)
    {
        CipherSuite suite = Engines.Named(engine);
        using var batch = new SampleBatch(suite, EveryLength(), seed: 3, isExtended);
        byte[] buffer = [.. batch.Sealed];

        suite.Open(buffer, batch.OpenJobs);

        Assert.All(batch.OpenJobs, job => Assert.True(job.IsAuthentic));
        Assert.Equal(batch.Opened, buffer);
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Batches_of_1_to_64_packets_under_mixed_keys_are_sealed_and_opened(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        var random = new Random(4);
        for (int size = 1; size <= 64; size++)
        {
            int[] lengths = [.. Enumerable.Range(0, size).Select(_ => random.Next(0, 1500))];
            using var batch = new SampleBatch(suite, lengths, seed: size, isExtended: size % 2 == 0);
            byte[] buffer = batch.WithoutBodies();

            suite.Seal(batch.Source, buffer, batch.SealJobs);
            Assert.Equal(batch.Sealed, buffer);

            suite.Open(buffer, batch.OpenJobs);
            Assert.All(batch.OpenJobs, job => Assert.True(job.IsAuthentic));
            Assert.Equal(batch.Opened, buffer);
        }
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void One_key_serves_many_packets_of_a_batch(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        var random = new Random(5);
        TestKeys keys = TestKeys.Number(suite, 2, random);
        using CipherKey key = keys.CreateKey(suite);
        byte[] headerAndIv = TestKeys.NextOctets(random, suite.Overhead(icvSize: 0));
        byte[] plaintext = TestKeys.NextOctets(random, 96);
        byte[] packet = Witness.Seal(suite, keys, headerAndIv, plaintext, sequenceHigh: null);
        byte[] buffer = [.. Enumerable.Repeat(packet, 9).SelectMany(octets => octets)];
        OpenJob[] jobs =
            [.. Enumerable.Range(0, 9).Select(i => new OpenJob { Key = key, Offset = i * packet.Length, Length = packet.Length })];

        suite.Open(buffer, jobs);

        Assert.All(jobs, job => Assert.True(job.IsAuthentic));
        Assert.All(jobs, job => Assert.Equal(plaintext, buffer[(job.Offset + headerAndIv.Length)..(job.Offset + headerAndIv.Length + 96)]));
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void A_body_may_be_the_whole_ciphertext(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        var random = new Random(6);
        TestKeys keys = TestKeys.Number(suite, 0, random);
        using CipherKey key = keys.CreateKey(suite);
        byte[] headerAndIv = TestKeys.NextOctets(random, suite.Overhead(icvSize: 0));
        byte[] body = TestKeys.NextOctets(random, 64);
        byte[] packet = new byte[64 + suite.Overhead(keys.IcvSize)];
        headerAndIv.CopyTo(packet, 0);

        suite.Seal(body, packet, [new SealJob { Key = key, BodyOffset = 0, BodyLength = 64, Offset = 0, Length = packet.Length }]);

        Assert.Equal(Witness.Seal(suite, keys, headerAndIv, body, sequenceHigh: null), packet);
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void An_empty_batch_is_no_work(string engine)
    {
        CipherSuite suite = Engines.Named(engine);

        suite.Seal([], [], []);
        suite.Open([], []);
    }

    private static int[] EveryLength() => [.. Enumerable.Range(0, 301), .. LongBodies];
}
