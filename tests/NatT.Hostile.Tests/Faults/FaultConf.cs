using NatT.Tunnel.Configuration;
using NatT.Tunnel.Tests.Configuration;

namespace NatT.Hostile.Tests.Faults;

/// <summary>Confs of two ends with SPIs and keys of each direction's own, of any suite.</summary>
internal static class FaultConf
{
    private const int SaltedKey = 36;
    private const int PlainKey = 32;

    public static string[] Suites { get; } = ["aes-cbc-hmac-sha256", "aes-gcm-16", "chacha20-poly1305"];

    public static bool IsAead(string suite) => !suite.Contains("cbc", StringComparison.Ordinal);

    public static PeerConf OfA(string suite) => Parse(suite, "10.1.0.1", "10.2.0.1", sends: 1, receives: 2);

    public static PeerConf OfB(string suite) => Parse(suite, "10.2.0.1", "10.1.0.1", sends: 2, receives: 1);

    private static PeerConf Parse(string suite, string local, string remote, byte sends, byte receives)
    {
        int length = IsAead(suite) ? SaltedKey : PlainKey;
        string authentication = IsAead(suite) ? "" : $"auth_in = 0x{Key(receives + 2, PlainKey)}\nauth_out = 0x{Key(sends + 2, PlainKey)}";
        return ConfText.ParseGood(
            $"""
            local_private_ip = {local}
            remote_private_ip = {remote}
            spi_in = 0x100{receives}
            spi_out = 0x100{sends}
            enc_in = 0x{Key(receives, length)}
            enc_out = 0x{Key(sends, length)}
            suite = {suite}
            {authentication}
            """);
    }

    private static string Key(int of, int length) => Convert.ToHexString([.. Enumerable.Range(50 * of, length).Select(i => (byte)i)]);
}
