namespace NatT.Crypto.Tests;

/// <summary>Every engine, Bouncy Castle among them, equals System.Security.Cryptography octet for octet on random batches.</summary>
public sealed class DifferentialContractTests
{
    private const int LongestBody = 9000;

    /// <summary>Around the widths of vectors and what a kernel takes at once, and beyond it.</summary>
    private static readonly int[] BatchSizes =
        [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 24, 31, 32, 33, 47, 48, 64, 65, 100, 127, 128, 129, 300];

    public static TheoryData<string, int> EnginesAndAssociations()
    {
        var rows = new TheoryData<string, int>();
        foreach (string name in (IEnumerable<string>)Engines.Names)
        {
            foreach (int associations in new[] { 1, 2, 7, 30 })
            {
                rows.Add(name, associations);
            }
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(EnginesAndAssociations))]
    public void Random_batches_of_mixed_lengths_and_associations_are_sealed_and_opened(string engine, int associations)
    {
        CipherSuite suite = Engines.Named(engine);
        var random = new Random(20 + associations);
        foreach (int size in BatchSizes)
        {
            int[] lengths = [.. Enumerable.Range(0, size).Select(_ => NextLength(random, size))];
            using var batch = new SampleBatch(suite, lengths, random.Next(), isExtended: random.Next(2) == 0, associations);
            byte[] elsewhere = batch.WithoutBodies();
            byte[] inPlace = batch.WithBodies();

            suite.Seal(batch.Source, elsewhere, batch.SealJobs);
            suite.Seal(inPlace, inPlace, batch.SealJobsInPlace);

            Assert.True(batch.Sealed.AsSpan().SequenceEqual(elsewhere), $"{size} packets sealed from another buffer");
            Assert.True(batch.Sealed.AsSpan().SequenceEqual(inPlace), $"{size} packets sealed in place");

            suite.Open(inPlace, batch.OpenJobs);

            Assert.All(batch.OpenJobs, job => Assert.True(job.IsAuthentic));
            Assert.True(batch.Opened.AsSpan().SequenceEqual(inPlace), $"{size} packets opened");
        }
    }

    /// <summary>Forged packets in any lane: their octets stay, the others' are opened.</summary>
    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Forged_packets_anywhere_in_a_random_batch_stay_as_they_are(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        var random = new Random(30);
        foreach (int size in BatchSizes)
        {
            int[] lengths = [.. Enumerable.Range(0, size).Select(_ => random.Next(1500))];
            using var batch = new SampleBatch(suite, lengths, random.Next(), isExtended: false, associations: 3);
            bool[] isForged = [.. lengths.Select(_ => random.Next(3) == 0)];
            byte[] buffer = [.. batch.Sealed];
            byte[] expected = [.. batch.Opened];
            for (int i = 0; i < size; i++)
            {
                if (isForged[i])
                {
                    OpenJob job = batch.OpenJobs[i];
                    buffer[job.Offset + random.Next(job.Length)] ^= (byte)(1 << random.Next(8));
                    buffer.AsSpan(job.Offset, job.Length).CopyTo(expected.AsSpan(job.Offset));
                }
            }

            suite.Open(buffer, batch.OpenJobs);

            Assert.Equal(isForged.Select(forged => !forged), batch.OpenJobs.Select(job => job.IsAuthentic));
            Assert.True(expected.AsSpan().SequenceEqual(buffer), $"{size} packets");
        }
    }

    /// <summary>The daemon's two directions share a suite.</summary>
    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Threads_with_keys_of_their_own_share_a_suite(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        bool[] isRight = new bool[4];
        Thread[] threads = [.. isRight.Select((_, i) => new Thread(() => isRight[i] = SealsAndOpens(suite, seed: i)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.All(isRight, Assert.True);
    }

    private static bool SealsAndOpens(CipherSuite suite, int seed)
    {
        using var batch = new SampleBatch(suite, [.. Enumerable.Range(60 * seed, 40)], seed, isExtended: true, associations: 2);
        for (int round = 0; round < 20; round++)
        {
            byte[] buffer = batch.WithoutBodies();
            suite.Seal(batch.Source, buffer, batch.SealJobs);
            bool isSealed = batch.Sealed.AsSpan().SequenceEqual(buffer);
            suite.Open(buffer, batch.OpenJobs);
            if (!isSealed || !batch.Opened.AsSpan().SequenceEqual(buffer))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Any length in small batches; in large ones mostly short packets, so that lanes end and start again often.</summary>
    private static int NextLength(Random random, int batchSize) =>
        random.Next(batchSize <= 16 || random.Next(8) == 0 ? LongestBody + 1 : 200);
}
