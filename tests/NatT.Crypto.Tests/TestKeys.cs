namespace NatT.Crypto.Tests;

/// <summary>The keys of an SA in the clear.</summary>
internal sealed record TestKeys(byte[] Encryption, byte[] Authentication, int IcvSize)
{
    /// <summary>The cipher's key where a salt is behind it.</summary>
    public byte[] Cipher => Encryption[..^AeadSuite.SaltSize];

    public byte[] Salt => Encryption[^AeadSuite.SaltSize..];

    /// <summary>
    /// Every key length of the suite in turn. AES-CBC with HMAC: every ICV length, and HMAC keys below, at and above the hash's
    /// block.
    /// </summary>
    public static TestKeys Number(CipherSuite suite, int index, Random random)
    {
        if (suite is AeadSuite aead)
        {
            int size = aead.KeySizes[index % aead.KeySizes.Count];
            return new TestKeys(NextOctets(random, size + AeadSuite.SaltSize), [], AeadSuite.IcvSize);
        }

        int encryption = (index % 3) switch { 0 => 16, 1 => 24, _ => 32 };
        int block = ((AesCbcHmac)suite).Hash.Size <= 32 ? 64 : 128;
        int authentication = (index % 5) switch { 0 => 32, 1 => 16, 2 => 1, 3 => block, _ => block + 36 };
        int icvSize = suite.IcvSizes[index / 3 % suite.IcvSizes.Count];
        return new TestKeys(NextOctets(random, encryption), NextOctets(random, authentication), icvSize);
    }

    public CipherKey CreateKey(CipherSuite suite) => suite.CreateKey(Encryption, Authentication, IcvSize);

    public static byte[] NextOctets(Random random, int count)
    {
        byte[] octets = new byte[count];
        random.NextBytes(octets);
        return octets;
    }
}
