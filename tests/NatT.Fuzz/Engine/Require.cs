using System.Runtime.CompilerServices;

namespace NatT.Fuzz.Engine;

/// <summary>What must hold.</summary>
public static class Require
{
    public static void Holds(
        bool condition, [CallerArgumentExpression(nameof(condition))] string what = "", [CallerMemberName] string where = "")
    {
        if (!condition)
        {
            throw new PropertyException($"{where}: {what}");
        }
    }

    public static void AreEqual<T>(
        T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "", [CallerMemberName] string where = "")
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new PropertyException($"{where}: {what}: expected {expected}, got {actual}");
        }
    }

    public static void AreEqual(
        byte[] expected, byte[] actual, [CallerArgumentExpression(nameof(actual))] string what = "", [CallerMemberName] string where = "") =>
        AreEqual(expected.AsSpan(), actual.AsSpan(), what, where);

    public static void AreEqual(
        ReadOnlySpan<byte> expected,
        ReadOnlySpan<byte> actual,
        [CallerArgumentExpression(nameof(actual))] string what = "",
        [CallerMemberName] string where = "")
    {
        if (!expected.SequenceEqual(actual))
        {
            int at = expected.CommonPrefixLength(actual);
            throw new PropertyException($"{where}: {what}: {expected.Length} and {actual.Length} octets differ from octet {at} on");
        }
    }
}
