using System.Text;

namespace NatT.Crypto.Tests;

/// <summary>HMAC's vectors of RFC 2202, RFC 4231 and RFC 4868.</summary>
public static class HmacVectors
{
    /// <summary>As long as a packet up to its ICV.</summary>
    public const string LongMessage =
        "This is a test using a larger than block-size key and a larger than block-size data. "
        + "The key needs to be hashed before being used by the HMAC algorithm.";

    /// <summary>Hash, key, message, and the digest or as much of it as the RFC prints.</summary>
    public static TheoryData<string, string, string, string> All => new()
    {
        // HMAC-SHA-1: RFC 2202 §3, cases 1 to 7.
        { "sha1", Repeat("0b", 20), Ascii("Hi There"), "b617318655057264e28bc0b6fb378c8ef146be00" },
        { "sha1", Ascii("Jefe"), Ascii("what do ya want for nothing?"), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79" },
        { "sha1", Repeat("aa", 20), Repeat("dd", 50), "125d7342b9ac11cd91a39af48aa17b4f63f175d3" },
        { "sha1", Counting(25), Repeat("cd", 50), "4c9007f4026250c6bc8414f9bf50c86c2d7235da" },
        { "sha1", Repeat("0c", 20), Ascii("Test With Truncation"), "4c1a03424b55e07fe7f27be1d58bb9324a9a5a04" },
        {
            "sha1", Repeat("aa", 80), Ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        },
        {
            "sha1", Repeat("aa", 80), Ascii("Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
            "e8e99d0f45237d786d6bbaa7965c7808bbff1a91"
        },

        // HMAC-SHA-256: RFC 4231, cases 1 to 7.
        { "sha256", Repeat("0b", 20), Ascii("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
        {
            "sha256", Ascii("Jefe"), Ascii("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        },
        { "sha256", Repeat("aa", 20), Repeat("dd", 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
        { "sha256", Counting(25), Repeat("cd", 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
        { "sha256", Repeat("0c", 20), Ascii("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b" },
        {
            "sha256", Repeat("aa", 131), Ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        },
        { "sha256", Repeat("aa", 131), Ascii(LongMessage), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },

        // RFC 4868 §2.7.2.1, AUTH256-1 to AUTH256-4.
        { "sha256", Repeat("0b", 32), Ascii("Hi There"), "198a607eb44bfbc69903a0f1cf2bbdc5" },
        { "sha256", Repeat("4a656665", 8), Ascii("what do ya want for nothing?"), "167f928588c5cc2eef8e3093caa0e87c" },
        { "sha256", Repeat("aa", 32), Repeat("dd", 50), "cdcb1220d1ecccea91e53aba3092f962" },
        { "sha256", Counting(32), Repeat("cd", 50), "372efcf9b40b35c2115b1346903d2ef4" },

        // HMAC-SHA-384: RFC 4231, cases 1 to 7.
        {
            "sha384", Repeat("0b", 20), Ascii("Hi There"),
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"
        },
        {
            "sha384", Ascii("Jefe"), Ascii("what do ya want for nothing?"),
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
        },
        {
            "sha384", Repeat("aa", 20), Repeat("dd", 50),
            "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27"
        },
        {
            "sha384", Counting(25), Repeat("cd", 50),
            "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb"
        },
        { "sha384", Repeat("0c", 20), Ascii("Test With Truncation"), "3abf34c3503b2a23a46efc619baef897" },
        {
            "sha384", Repeat("aa", 131), Ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
            "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"
        },
        {
            "sha384", Repeat("aa", 131), Ascii(LongMessage),
            "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e"
        },

        // RFC 4868 §2.7.2.2, AUTH384-1 to AUTH384-4.
        { "sha384", Repeat("0b", 48), Ascii("Hi There"), "b6a8d5636f5c6a7224f9977dcf7ee6c7fb6d0c48cbdee973" },
        { "sha384", Repeat("4a656665", 12), Ascii("what do ya want for nothing?"), "2c7353974f1842fd66d53c452ca42122b28c0b594cfb184d" },
        { "sha384", Repeat("aa", 48), Repeat("dd", 50), "809f439be00274321d4a538652164b53554a508184a0c316" },
        { "sha384", Counting(32) + Counting(25)[18..], Repeat("cd", 50), "5b540085c6e6358096532b2493609ed1cb298f774f87bb5c" },

        // HMAC-SHA-512: RFC 4231, cases 1 to 7.
        {
            "sha512", Repeat("0b", 20), Ascii("Hi There"),
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
            + "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
        },
        {
            "sha512", Ascii("Jefe"), Ascii("what do ya want for nothing?"),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
            + "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        },
        {
            "sha512", Repeat("aa", 20), Repeat("dd", 50),
            "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39"
            + "bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb"
        },
        {
            "sha512", Counting(25), Repeat("cd", 50),
            "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3db"
            + "a91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd"
        },
        { "sha512", Repeat("0c", 20), Ascii("Test With Truncation"), "415fad6271580a531d4179bc891d87a6" },
        {
            "sha512", Repeat("aa", 131), Ascii("Test Using Larger Than Block-Size Key - Hash Key First"),
            "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
            + "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598"
        },
        {
            "sha512", Repeat("aa", 131), Ascii(LongMessage),
            "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944"
            + "b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58"
        },

        // RFC 4868 §2.7.2.3, AUTH512-1 to AUTH512-4.
        { "sha512", Repeat("0b", 64), Ascii("Hi There"), "637edc6e01dce7e6742a99451aae82df23da3e92439e590e43e761b33e910fb8" },
        {
            "sha512", Repeat("4a656665", 16), Ascii("what do ya want for nothing?"),
            "cb370917ae8a7ce28cfd1d8f4705d6141c173b2a9362c15df235dfb251b15454"
        },
        { "sha512", Repeat("aa", 64), Repeat("dd", 50), "2ee7acd783624ca9398710f3ee05ae41b9f9b0510c87e49e586cc9bf961733d8" },
        { "sha512", Counting(64), Repeat("cd", 50), "5e6688e5a3daec826ca32eaea224eff5e700628947470e13ad01302561bab108" },
    };

    public static HmacHash HashNamed(string name) => name switch
    {
        "sha1" => HmacHash.Sha1,
        "sha256" => HmacHash.Sha256,
        "sha384" => HmacHash.Sha384,
        "sha512" => HmacHash.Sha512,
        _ => throw new ArgumentException($"No hash is called {name}.", nameof(name)),
    };

    public static string Repeat(string octets, int count) => string.Concat(Enumerable.Repeat(octets, count));

    private static string Ascii(string text) => Convert.ToHexStringLower(Encoding.ASCII.GetBytes(text));

    private static string Counting(int count) => Convert.ToHexStringLower([.. Enumerable.Range(1, count).Select(i => (byte)i)]);
}
