// Seals a packet under every suite, opens it, and shows what becomes of a replay, a forgery and a stranger's packet.
// No root, no device, no socket: octets in, octets and verdicts out.
//
//     dotnet run --project samples/esp-round-trip
using System.Buffers.Binary;
using System.Security.Cryptography;
using NatT.Crypto;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;

const uint Spi = 0xc0666a70;

(CipherSuite Suite, int EncryptionKey, int AuthenticationKey)[] suites =
[
    (AesCbcHmacSha256.Create(), 32, 32),
    (AesCbcHmac.Create(HmacHash.Sha512), 32, 64),
    (AesGcm16.Create(), 32 + AeadSuite.SaltSize, 0),
    (NatT.Crypto.ChaCha20Poly1305.Create(), 32 + AeadSuite.SaltSize, 0),
];

byte[] message = Packets.IPv4("10.1.0.1", "10.2.0.1", "hello, ESP"u8);

// The far end's view: what comes from 10.1.0.0/16 may go to 10.2.0.0/16, and nobody else is 10.2.0.1.
var policy = new InboundPolicy(
    new TrafficSelector(local: [IpPrefix.Parse("10.2.0.0/16")], remote: [IpPrefix.Parse("10.1.0.0/16")]),
    ownAddresses: [IpAddress.Parse("10.2.0.1")]);

foreach ((CipherSuite suite, int encryptionLength, int authenticationLength) in suites)
{
    byte[] encryption = RandomNumberGenerator.GetBytes(encryptionLength);
    byte[] authentication = RandomNumberGenerator.GetBytes(authenticationLength);
    SecurityAssociationParameters Parameters() =>
        new(Spi, suite.CreateKey(encryption, authentication, suite.IcvSizes[0]), IsExtended: false);

    using var sealer = new EspSealer(Parameters(), firstNumber: 1, RandomNumberGenerator.Fill);
    using var opener = new EspOpener(Parameters(), policy);

    byte[] packet = new byte[sealer.SealedLength(message.Length)];
    Console.WriteLine($"{suite.Name} on {suite.Engine}");
    Show("sealed", sealer.TrySeal(message, packet, out int length), $"{message.Length} octets in {length}");

    byte[] forged = [.. packet];
    forged[^1] ^= 1;
    byte[] replayed = [.. packet];
    Show("a forgery", opener.TryOpen(forged, out _));
    Show("opened", opener.TryOpen(packet, out Range inner), packet.AsSpan(inner).SequenceEqual(message) ? "the same packet" : "ANOTHER PACKET");
    Show("a replay", opener.TryOpen(replayed, out _));

    byte[] stranger = Packets.IPv4("192.0.2.1", "10.2.0.1", "hello, ESP"u8);
    Show("sealed", sealer.TrySeal(stranger, packet, out _), "from 192.0.2.1");
    Show("opened", opener.TryOpen(packet, out _));
    Console.WriteLine();
}

static void Show(string what, DropReason reason, string detail = "") =>
    Console.WriteLine($"  {what,-10} {(reason == DropReason.None ? detail : $"dropped: {reason}, {DropReasons.Describe(reason)}")}");

/// <summary>What an operating system would hand over.</summary>
internal static class Packets
{
    private const int HeaderSize = 20;
    private const byte TimeToLive = 64;

    /// <summary>The protocol number for experiments (RFC 3692 §2.1).</summary>
    private const byte Protocol = 253;

    public static byte[] IPv4(string source, string destination, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[HeaderSize + payload.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = TimeToLive;
        packet[9] = Protocol;
        IpAddress.Parse(source).WriteTo(packet.AsSpan(12));
        IpAddress.Parse(destination).WriteTo(packet.AsSpan(16));
        InnerPacket.WriteIPv4Checksum(packet.AsSpan(0, HeaderSize));
        payload.CopyTo(packet.AsSpan(HeaderSize));
        return packet;
    }
}
