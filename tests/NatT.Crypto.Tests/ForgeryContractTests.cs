namespace NatT.Crypto.Tests;

/// <summary>Every engine lets only packets through that are what their sender sealed.</summary>
public sealed class ForgeryContractTests
{
    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void A_flipped_bit_anywhere_is_noticed_and_leaves_the_octets_alone(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        using var batch = new SampleBatch(suite, [20, 50, 33, 84, 7, 60, 300], seed: 7, isExtended: true);
        foreach (OpenJob job in batch.OpenJobs)
        {
            for (int bit = 0; bit < job.Length * 8; bit++)
            {
                byte[] buffer = [.. batch.Sealed];
                buffer[job.Offset + (bit / 8)] ^= (byte)(1 << (bit % 8));
                byte[] before = [.. buffer];
                OpenJob[] jobs = [job];

                suite.Open(buffer, jobs);

                Assert.False(jobs[0].IsAuthentic, $"bit {bit} of {job.Length * 8}");
                Assert.Equal(before, buffer);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void A_forged_packet_does_not_spoil_its_neighbours(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        for (int forged = 0; forged < 17; forged++)
        {
            using var batch = new SampleBatch(suite, [.. Enumerable.Range(40, 17)], seed: forged, isExtended: false);
            OpenJob victim = batch.OpenJobs[forged];
            byte[] buffer = [.. batch.Sealed];
            buffer[victim.Offset + victim.Length - 1] ^= 0x80;
            byte[] expected = [.. batch.Opened];
            buffer.AsSpan(victim.Offset, victim.Length).CopyTo(expected.AsSpan(victim.Offset));

            suite.Open(buffer, batch.OpenJobs);

            Assert.Equal(Enumerable.Range(0, 17).Select(i => i != forged), batch.OpenJobs.Select(job => job.IsAuthentic));
            Assert.Equal(expected, buffer);
        }
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Another_high_half_of_the_sequence_number_is_noticed(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        using var batch = new SampleBatch(suite, [84], seed: 8, isExtended: true);
        uint high = batch.OpenJobs[0].SequenceHigh!.Value;
        foreach (uint? wrong in new uint?[] { high + 1, high - 1, high ^ 0x80000000, null })
        {
            byte[] buffer = [.. batch.Sealed];
            OpenJob[] jobs = [batch.OpenJobs[0] with { SequenceHigh = wrong }];

            suite.Open(buffer, jobs);

            Assert.False(jobs[0].IsAuthentic);
            Assert.Equal(batch.Sealed, buffer);
        }
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void A_packet_sealed_with_a_high_half_of_zero_differs_from_one_without(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        TestKeys keys = TestKeys.Number(suite, 0, new Random(9));
        using CipherKey key = keys.CreateKey(suite);
        byte[] packet = Witness.Seal(suite, keys, new byte[suite.Overhead(icvSize: 0)], new byte[16], sequenceHigh: null);
        OpenJob[] jobs = [new OpenJob { Key = key, Offset = 0, Length = packet.Length, SequenceHigh = 0 }];

        suite.Open(packet, jobs);

        Assert.False(jobs[0].IsAuthentic);
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void A_verdict_left_over_from_an_earlier_batch_does_not_stand(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        using var batch = new SampleBatch(suite, [84], seed: 11, isExtended: false);
        OpenJob[] jobs = [batch.OpenJobs[0] with { IsAuthentic = true }];
        byte[] buffer = [.. batch.Sealed];
        buffer[jobs[0].Offset + 30] ^= 1;

        suite.Open(buffer, jobs);

        Assert.False(jobs[0].IsAuthentic);
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void A_sender_s_length_of_ICV_is_found_out_with_a_key_of_any_length_and_changes_nothing(string engine)
    {
        CipherSuite suite = Engines.Named(engine);
        for (int i = 0; i < 12; i++)
        {
            TestKeys keys = TestKeys.Number(suite, i, new Random(i));
            uint? high = i % 2 == 0 ? null : (uint)i;
            byte[] packet = Witness.Seal(suite, keys, new byte[suite.Overhead(icvSize: 0)], new byte[32], high);
            byte[] before = [.. packet];
            foreach (int ownSize in suite.IcvSizes)
            {
                using CipherKey key = suite.CreateKey(keys.Encryption, keys.Authentication, ownSize);
                foreach (int tried in suite.IcvSizes)
                {
                    Assert.Equal(tried == keys.IcvSize, suite.IsAuthentic(packet, key, tried, high));
                    Assert.False(suite.IsAuthentic(packet, key, tried, high is null ? 0 : null));
                }

                packet[^1] ^= 1;
                Assert.False(suite.IsAuthentic(packet, key, keys.IcvSize, high));
                packet[^1] ^= 1;
                Assert.False(suite.IsAuthentic(packet.AsSpan(0, 3), key, keys.IcvSize, high));
            }

            Assert.Equal(before, packet);
        }
    }
}
