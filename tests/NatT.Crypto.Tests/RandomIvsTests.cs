using System.Buffers.Binary;
using System.Reflection;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Parameters;

namespace NatT.Crypto.Tests;

public sealed class RandomIvsTests
{
    private const int KeySize = 32;

    /// <summary>Octets that one refill gives out.</summary>
    private const int Batch = 4096 - KeySize;

    [Fact]
    public void No_iv_comes_twice()
    {
        using var ivs = new RandomIvs(new CountingEntropy(varies: true).Fill);
        AssertNoRepeats(ivs, 100_000);
    }

    [Fact]
    public void No_iv_comes_twice_even_if_the_operating_system_always_says_the_same()
    {
        using var ivs = new RandomIvs(new CountingEntropy(varies: false).Fill);
        AssertNoRepeats(ivs, 100_000);
    }

    [Fact]
    public void Nothing_is_asked_of_the_operating_system_before_the_first_iv()
    {
        var entropy = new CountingEntropy(varies: true);
        using var ivs = new RandomIvs(entropy.Fill);

        Assert.Equal(0, entropy.Calls);
    }

    [Fact]
    public void Each_refill_takes_256_bits_from_the_operating_system()
    {
        var entropy = new CountingEntropy(varies: true);
        using var ivs = new RandomIvs(entropy.Fill);
        byte[] octets = new byte[Batch];

        ivs.Fill(octets);
        Assert.Equal((1, KeySize), (entropy.Calls, entropy.Octets));

        ivs.Fill(octets.AsSpan(0, 1));
        Assert.Equal((2, 2 * KeySize), (entropy.Calls, entropy.Octets));
    }

    [Fact]
    public void Each_refill_mixes_in_what_the_operating_system_says_now()
    {
        // Both say the same at the first refill; at the second one of them does not.
        var same = new CountingEntropy(varies: false);
        var turning = new CountingEntropy(varies: false);
        using var a = new RandomIvs(same.Fill);
        using var b = new RandomIvs(turning.Fill);
        Assert.Equal(Take(a, Batch), Take(b, Batch));
        turning.Constant ^= 1;

        Assert.NotEqual(Take(a, 16), Take(b, 16));
    }

    [Fact]
    public void Neighbouring_fills_draw_one_stream_whatever_their_sizes()
    {
        using var whole = new RandomIvs(new CountingEntropy(varies: true).Fill);
        using var pieces = new RandomIvs(new CountingEntropy(varies: true).Fill);
        byte[] expected = Take(whole, 4 * Batch);
        byte[] actual = new byte[expected.Length];
        int size = 1;
        for (int at = 0; at < actual.Length; at += size)
        {
            size = Math.Min(size % 97 + 1, actual.Length - at);
            pieces.Fill(actual.AsSpan(at, size));
        }

        Assert.Equal(expected, actual);
    }

    [Fact]
    public void An_iv_across_a_refill_is_filled_wholly()
    {
        var entropy = new CountingEntropy(varies: true);
        using var ivs = new RandomIvs(entropy.Fill);
        Take(ivs, Batch - 8);

        byte[] iv = Take(ivs, 16);

        Assert.Equal(2, entropy.Calls);
        Assert.Contains(iv[..8], octet => octet != 0);
        Assert.Contains(iv[8..], octet => octet != 0);
    }

    [Fact]
    public void The_stream_is_chacha20_behind_the_32_octets_that_become_the_next_key()
    {
        var entropy = new CountingEntropy(varies: true);
        byte[] firstKey = new byte[KeySize];
        entropy.Fill(firstKey);
        byte[] first = ChaCha20(firstKey);
        byte[] secondKey = new byte[KeySize];
        entropy.Fill(secondKey);
        for (int i = 0; i < KeySize; i++)
        {
            secondKey[i] ^= first[i];
        }

        using var ivs = new RandomIvs(new CountingEntropy(varies: true).Fill);

        Assert.Equal(first[KeySize..], Take(ivs, Batch));
        Assert.Equal(ChaCha20(secondKey)[KeySize..], Take(ivs, Batch));
    }

    [Fact]
    public void Under_a_zero_key_the_stream_is_that_of_rfc_8439()
    {
        // RFC 8439 appendix A.1, test vector 1, from its 33rd octet.
        using var ivs = new RandomIvs(octets => octets.Clear());

        Assert.Equal(
            "da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
            Convert.ToHexStringLower(Take(ivs, 32)));
    }

    [Fact]
    public void Octets_given_out_are_kept_nowhere()
    {
        using var ivs = new RandomIvs(new CountingEntropy(varies: true).Fill);
        byte[] iv = Take(ivs, 16);

        Assert.All(BuffersOf(ivs), buffer => Assert.Equal(-1, buffer.AsSpan().IndexOf(iv)));
    }

    [Fact]
    public void Disposal_wipes_key_and_stream()
    {
        var ivs = new RandomIvs(new CountingEntropy(varies: true).Fill);
        Take(ivs, 16);
        Assert.Contains(BuffersOf(ivs), buffer => buffer.AsSpan().ContainsAnyExcept((byte)0));

        ivs.Dispose();

        Assert.All(BuffersOf(ivs), buffer => Assert.False(buffer.AsSpan().ContainsAnyExcept((byte)0)));
    }

    [Fact]
    public void A_disposed_generator_gives_nothing()
    {
        var ivs = new RandomIvs(new CountingEntropy(varies: false).Fill);
        ivs.Dispose();

        Assert.Throws<ObjectDisposedException>(() => ivs.Fill(new byte[16]));
    }

    [Fact]
    public void A_failing_operating_system_gives_no_ivs()
    {
        using var ivs = new RandomIvs(_ => throw new InvalidOperationException("getrandom"));

        Assert.Throws<InvalidOperationException>(() => ivs.Fill(new byte[16]));
        Assert.Throws<InvalidOperationException>(() => ivs.Fill(new byte[16]));
    }

    [Fact]
    public void Refilling_allocates_nothing()
    {
        using var ivs = new RandomIvs(octets => octets.Fill(7));
        byte[] octets = new byte[Batch];
        ivs.Fill(octets);
        long before = GC.GetAllocatedBytesForCurrentThread();

        ivs.Fill(octets);
        ivs.Fill(octets);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void AssertNoRepeats(RandomIvs ivs, int count)
    {
        var seen = new HashSet<UInt128>();
        byte[] iv = new byte[16];
        for (int i = 0; i < count; i++)
        {
            ivs.Fill(iv);
            Assert.True(seen.Add(BinaryPrimitives.ReadUInt128BigEndian(iv)), $"IV {i} came before");
        }
    }

    private static byte[] Take(RandomIvs ivs, int count)
    {
        byte[] octets = new byte[count];
        ivs.Fill(octets);
        return octets;
    }

    private static byte[] ChaCha20(byte[] key)
    {
        var engine = new ChaCha7539Engine();
        engine.Init(forEncryption: true, new ParametersWithIV(new KeyParameter(key), new byte[12]));
        byte[] stream = new byte[KeySize + Batch];
        engine.ProcessBytes(new byte[stream.Length], 0, stream.Length, stream, 0);
        return stream;
    }

    /// <summary>What the object holds, which only a look at its memory can tell.</summary>
    private static IEnumerable<byte[]> BuffersOf(RandomIvs ivs) =>
        typeof(RandomIvs).GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
            .Select(field => field.GetValue(ivs))
            .OfType<byte[]>();

    private sealed class CountingEntropy(bool varies)
    {
        public int Calls { get; private set; }

        public int Octets { get; private set; }

        public byte Constant { get; set; } = 0x42;

        public void Fill(Span<byte> destination)
        {
            Calls++;
            Octets += destination.Length;
            destination.Fill(varies ? (byte)Calls : Constant);
        }
    }
}
