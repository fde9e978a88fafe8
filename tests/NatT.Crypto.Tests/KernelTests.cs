using NatT.Crypto.Kernels;
using NatT.Crypto.Kernels.Arm64;

namespace NatT.Crypto.Tests;

/// <summary>What kernels promise beyond the contract of every engine.</summary>
public sealed unsafe class KernelTests
{
    /// <summary>Each tier of this CPU but Bouncy Castle; none where it is the only one.</summary>
    public static IEnumerable<KernelTier> Tiers =>
        Enum.GetValues<KernelTier>().Where(tier => tier != KernelTier.Portable && KernelTiers.IsSupported(tier));

    [Fact]
    public void The_fastest_tier_that_cpu_and_settings_allow_is_chosen()
    {
        Assert.Equal(ExpectedTier(), KernelTiers.Best);
        Assert.Equal(KernelTiers.Best == KernelTier.Portable, AesCbcHmacSha256.Create() is Portable.BouncyCastleAesCbcHmacSha256);
        Assert.Equal(KernelTiers.Best == KernelTier.Portable, AesGcm16.Create() is Portable.BouncyCastleAesGcm16);
        Assert.StartsWith(KernelTiers.Describe(KernelTiers.Best), AesCbcHmacSha256.Create().Engine, StringComparison.Ordinal);

        // tests/run.sh says which tier each of its settings is for; it must not say what is not so.
        if (Environment.GetEnvironmentVariable("NATT_KERNEL_TIER") is string announced)
        {
            Assert.Equal(announced, KernelTiers.Best.ToString());
        }
    }

    [Fact]
    public void A_tier_whose_instructions_no_test_has_run_is_never_chosen()
    {
        Assert.True(KernelTiers.IsProven(KernelTiers.Best));
        Assert.Equal([KernelTier.Arm64], Enum.GetValues<KernelTier>().Where(tier => !KernelTiers.IsProven(tier)));
    }

    [Fact]
    public void A_tier_that_the_cpu_lacks_is_refused()
    {
        foreach (KernelTier tier in Enum.GetValues<KernelTier>())
        {
            if (KernelTiers.IsSupported(tier))
            {
                Assert.NotNull(AesCbcHmacSha256.Create(tier));
                Assert.NotNull(AesGcm16.Create(tier));
                Assert.NotNull(AesCbcHmac.Create(HmacHash.Sha512, tier));
            }
            else
            {
                Assert.Throws<PlatformNotSupportedException>(() => AesCbcHmacSha256.Create(tier));
                Assert.Throws<PlatformNotSupportedException>(() => AesGcm16.Create(tier));
                Assert.Throws<PlatformNotSupportedException>(() => AesCbcHmac.Create(HmacHash.Sha512, tier));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Engines.Names), MemberType = typeof(Engines))]
    public void Warming_up_works_on_every_engine(string engine) => Engines.Named(engine).WarmUp();

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        foreach (CipherSuite suite in Engines.Kernels())
        {
            using var batch = new SampleBatch(suite, [.. Enumerable.Range(0, 130)], seed: 40, isExtended: true);
            byte[] buffer = batch.WithoutBodies();
            suite.Seal(batch.Source, buffer, batch.SealJobs);
            suite.Open(buffer, batch.OpenJobs);
            long before = GC.GetAllocatedBytesForCurrentThread();

            suite.Seal(batch.Source, buffer, batch.SealJobs);
            suite.Open(buffer, batch.OpenJobs);

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    [Fact]
    public void Disposal_wipes_keys_of_aes()
    {
        foreach (CipherSuite suite in Engines.Kernels().Where(suite => suite is AesCbcHmac or AesGcm16))
        {
            TestKeys keys = TestKeys.Number(suite, 2, new Random(41));
            AssertWipes(keys.CreateKey(suite));
        }
    }

    [Fact]
    public void Scratch_memory_is_wiped_up_to_the_highest_octet_that_was_taken()
    {
        Span<byte> memory = stackalloc byte[4096];
        memory.Fill(0xA5);

        // SAFETY: the stack's memory does not move.
        fixed (byte* start = memory)
        {
            var scratch = new ScratchMemory(start, memory.Length);
            byte* mark = scratch.Mark();
            scratch.Take<ulong>(100);
            byte* end = scratch.Mark();
            scratch.Release(mark);
            scratch.Take<byte>(1);

            scratch.Wipe();

            Assert.False(memory[..(int)(end - start)].ContainsAnyExcept((byte)0));
            Assert.False(memory[(int)(end - start)..].ContainsAnyExcept((byte)0xA5));
        }
    }

    /// <summary>CBC lets blocks be decrypted elsewhere as well as in place, whatever their number.</summary>
    [Fact]
    public void Blocks_are_decrypted_in_place_and_out_of_place()
    {
        AssertDecrypts<ArmAes<ArmCryptoModel>>(Engines.Arm64OnModel);
        foreach (KernelTier tier in Tiers)
        {
            AesCbcHmacSha256 suite = AesCbcHmacSha256.Create(tier);
            if (tier == KernelTier.Arm64)
            {
                AssertDecrypts<ArmAes<ArmCrypto>>(suite);
            }
            else
            {
                AssertDecrypts<AesNi>(suite);
            }
        }
    }

    private static void AssertDecrypts<TRounds>(AesCbcHmacSha256 suite)
        where TRounds : struct, IAesRounds
    {
        for (int blocks = 1; blocks <= 40; blocks++)
        {
            TestKeys keys = TestKeys.Number(suite, blocks, new Random(blocks));
            using var key = (KernelCipherKey<ExpandedKeys>)keys.CreateKey(suite);
            byte[] plaintext = TestKeys.NextOctets(new Random(blocks), 16 * blocks);
            byte[] packet = Witness.Seal(suite, keys, new byte[24], plaintext, sequenceHigh: null);
            byte[] ciphertext = packet[24..^keys.IcvSize];
            byte[] elsewhere = [.. new byte[16 * blocks], 0xA5];

            // SAFETY: the arrays have as many blocks as is said.
            fixed (byte* source = ciphertext, iv = new byte[16], destination = elsewhere)
            {
                AesCbcDecrypt<TRounds>.Decrypt(iv, source, destination, blocks, key.Keys->Decryption, key.Keys->Rounds);
                AesCbcDecrypt<TRounds>.Decrypt(iv, source, source, blocks, key.Keys->Decryption, key.Keys->Rounds);
            }

            Assert.Equal([.. plaintext, 0xA5], elsewhere);
            Assert.Equal(plaintext, ciphertext);
        }
    }

    private static void AssertWipes(CipherKey key)
    {
        (nint start, int size) = key switch
        {
            KernelCipherKey<ExpandedKeys> cbc => ((nint)cbc.Keys, sizeof(ExpandedKeys)),
            KernelAesCbcHmacKey cbc => ((nint)cbc.Cipher.Keys, sizeof(ExpandedKeys)),
            KernelCipherKey<AesGcmKeys> gcm => ((nint)gcm.Keys, sizeof(AesGcmKeys)),
            _ => throw new ArgumentException($"Where {key.Suite.Name} keeps its keys is not known here.", nameof(key)),
        };

        // SAFETY: the key is alive, and so is what it owns.
        Assert.True(new ReadOnlySpan<byte>((void*)start, size).ContainsAnyExcept((byte)0));
        key.Dispose();
        Assert.False(new ReadOnlySpan<byte>((void*)start, size).ContainsAnyExcept((byte)0));
        GC.KeepAlive(key);
    }

    /// <summary>From what the kernel says of the CPU and what the environment takes away from it.</summary>
    private static KernelTier ExpectedTier()
    {
        string flags = " " + Flags() + " ";
        bool has128 = Has("aes", "ssse3") && IsOn("EnableAES") && IsOn("EnableHWIntrinsic");
        bool has256 = has128 && Has("avx2") && IsOn("EnableAVX2");
        bool has512 = has256 && Has("avx512f", "avx512bw", "avx512vl") && IsOn("EnableAVX512");
        return has512 ? KernelTier.Avx512 : has256 ? KernelTier.Avx2 : has128 ? KernelTier.Aes : KernelTier.Portable;

        // "Features" on Arm64, whose names are others.
        static string? Flags() => File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal));
        bool Has(params string[] names) => names.All(name => flags.Contains($" {name} ", StringComparison.Ordinal));
        static bool IsOn(string setting) => Environment.GetEnvironmentVariable($"DOTNET_{setting}") != "0";
    }
}
