using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Tests.Configuration;

namespace NatT.Tunnel.Tests.DataPath.Lab;

/// <summary>The confs of the two ends, which share one SPI and one key set as those of the scripts do.</summary>
internal static class EndConf
{
    public const uint Spi = 0x1234;
    public const string EncryptionKey = "000102030405060708090a0b0c0d0e0f";
    public const string AuthenticationKey = "101112131415161718191a1b1c1d1e1f";

    public const string InnerA = "10.1.0.1";
    public const string InnerB = "10.2.0.1";
    public const string InnerA6 = "fd01::1";
    public const string InnerB6 = "fd02::1";

    public static readonly OuterEndpoint OuterA = new(IpAddress.Parse("192.0.2.1"), 1100);
    public static readonly OuterEndpoint OuterB = new(IpAddress.Parse("198.51.100.2"), 1100);

    public static PeerConf OfA(params string[] lines) => Parse($"{InnerA}, {InnerA6}", $"{InnerB}, {InnerB6}", lines);

    public static PeerConf OfB(params string[] lines) => Parse($"{InnerB}, {InnerB6}", $"{InnerA}, {InnerA6}", lines);

    /// <summary>An end of transport mode, with keys of its own for each direction.</summary>
    /// <param name="isA">Which.</param>
    /// <param name="local">Its address inside.</param>
    /// <param name="remote">What it calls the other end.</param>
    /// <param name="lines">More lines.</param>
    public static PeerConf OfTransport(bool isA, string local, string remote, params string[] lines) => ConfText.ParseGood(
        $"""
        local_private_ip = {local}
        remote_private_ip = {remote}
        spi_id = 0x{Spi:x}
        {(isA ? "enc_in" : "enc_out")} = 0xb1{EncryptionKey[2..]}
        {(isA ? "enc_out" : "enc_in")} = 0xa1{EncryptionKey[2..]}
        {(isA ? "auth_in" : "auth_out")} = 0xb2{AuthenticationKey[2..]}
        {(isA ? "auth_out" : "auth_in")} = 0xa2{AuthenticationKey[2..]}
        {string.Join('\n', lines)}
        """);

    private static PeerConf Parse(string local, string remote, string[] lines) => ConfText.ParseGood(
        $"""
        local_private_ip = {local}
        remote_private_ip = {remote}
        spi_id = 0x{Spi:x}
        enc_aes = 0x{EncryptionKey}
        auth = 0x{AuthenticationKey}
        {string.Join('\n', lines)}
        """);
}
