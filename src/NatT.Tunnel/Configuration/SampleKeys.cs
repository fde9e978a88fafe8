namespace NatT.Tunnel.Configuration;

/// <summary>Keys that everyone has read: those of the static-ipsec-nat-t installer and of our own samples.</summary>
internal static class SampleKeys
{
    private static ReadOnlySpan<byte> ScriptsAuthenticationKey =>
        [0x88, 0x96, 0xab, 0x86, 0x54, 0xcd, 0x98, 0x75, 0xe2, 0x14, 0xa9, 0x78, 0xbd, 0x31, 0x20, 0x9f];

    private static ReadOnlySpan<byte> ScriptsEncryptionKey =>
    [
        0xea, 0x89, 0x27, 0x38, 0x61, 0x73, 0x9a, 0xbc, 0x9e, 0x0d, 0x52, 0x7a,
        0xd9, 0x84, 0x62, 0x10, 0x83, 0x65, 0x28, 0x9d, 0xcb, 0x1a, 0x67, 0x38,
    ];

    /// <summary>Whether the key is a public one; our samples' placeholders repeat a single octet.</summary>
    public static bool Contains(ReadOnlySpan<byte> key) =>
        key.SequenceEqual(ScriptsAuthenticationKey) ||
        key.SequenceEqual(ScriptsEncryptionKey) ||
        !key.ContainsAnyExcept(key[0]);
}
