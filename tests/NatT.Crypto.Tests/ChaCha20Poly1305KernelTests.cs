using NatT.Crypto.Kernels;
using NatT.Crypto.Portable;

namespace NatT.Crypto.Tests;

/// <summary>What kernels of ChaCha20-Poly1305 promise beyond the contract of every engine.</summary>
public sealed unsafe class ChaCha20Poly1305KernelTests
{
    private static IEnumerable<KernelTier> Tiers =>
        Enum.GetValues<KernelTier>().Where(tier => tier != KernelTier.Portable && KernelTiers.HasVectors(tier));

    /// <summary>A CPU without AES instructions has the vectors all the same.</summary>
    [Fact]
    public void The_widest_vectors_are_chosen_be_there_aes_instructions_or_not()
    {
        ChaCha20Poly1305 suite = ChaCha20Poly1305.Create();

        Assert.True(KernelTiers.BestVectors >= KernelTiers.Best);
        Assert.Equal(System.Runtime.Intrinsics.X86.Ssse3.IsSupported, suite is KernelChaCha20Poly1305);
        Assert.Equal(ChaCha20Poly1305.Create(KernelTiers.BestVectors).Engine, suite.Engine);
        Assert.All(Tiers, tier => Assert.IsType<KernelChaCha20Poly1305>(ChaCha20Poly1305.Create(tier)));
        Assert.IsType<BouncyCastleChaCha20Poly1305>(ChaCha20Poly1305.Create(KernelTier.Portable));
    }

    [Fact]
    public void A_tier_whose_vectors_the_cpu_lacks_is_refused() => Assert.All(
        Enum.GetValues<KernelTier>().Where(tier => !KernelTiers.HasVectors(tier)),
        tier => Assert.Throws<PlatformNotSupportedException>(() => ChaCha20Poly1305.Create(tier)));

    [Fact]
    public void Disposal_wipes_a_key()
    {
        foreach (KernelTier tier in Tiers)
        {
            var key = (KernelCipherKey<ChaChaKey>)ChaCha20Poly1305.Create(tier).CreateKey(TestKeys.NextOctets(new Random(70), 36), [], 16);
            Assert.True(Octets(key).ContainsAnyExcept((byte)0));

            key.Dispose();

            Assert.False(Octets(key).ContainsAnyExcept((byte)0));
        }

        // SAFETY: the key is alive, and so is what it owns.
        static ReadOnlySpan<byte> Octets(KernelCipherKey<ChaChaKey> key) => new(key.Keys, sizeof(ChaChaKey));
    }

    /// <summary>Longer than the lanes of several runs, and than what a TUN device hands over at once.</summary>
    [Fact]
    public void Packets_of_64_KiB_are_sealed_and_opened_beside_short_ones()
    {
        foreach (KernelTier tier in Tiers)
        {
            using var batch = new SampleBatch(ChaCha20Poly1305.Create(tier), [1, 65_535, 64, 30_000, 0, 65_000], seed: 71, isExtended: true);
            byte[] buffer = batch.WithoutBodies();

            batch.SealJobs[0].Key.Suite.Seal(batch.Source, buffer, batch.SealJobs);
            Assert.True(batch.Sealed.AsSpan().SequenceEqual(buffer));

            batch.SealJobs[0].Key.Suite.Open(buffer, batch.OpenJobs);
            Assert.True(batch.Opened.AsSpan().SequenceEqual(buffer));
        }
    }
}
