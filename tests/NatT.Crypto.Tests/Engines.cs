using NatT.Crypto.Portable;

namespace NatT.Crypto.Tests;

/// <summary>Every engine of AES-CBC with HMAC-SHA-256. What is listed here runs the whole contract.</summary>
public static class Engines
{
    private static readonly CipherSuite[] All = [new BouncyCastleAesCbcHmacSha256()];

    public static TheoryData<string> Names => [.. All.Select(suite => suite.GetType().Name)];

    public static CipherSuite Named(string name) => All.Single(suite => suite.GetType().Name == name);

    /// <summary>Engines that the assembly has and the list has not.</summary>
    public static IEnumerable<string> Unlisted =>
        typeof(CipherSuite).Assembly.GetTypes()
            .Where(type => type.IsSubclassOf(typeof(CipherSuite)) && !type.IsAbstract)
            .Select(type => type.Name)
            .Except(All.Select(suite => suite.GetType().Name));
}
