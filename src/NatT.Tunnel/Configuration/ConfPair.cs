using System.Buffers.Binary;
using System.Security.Cryptography;
using NatT.Crypto;
using NatT.Esp.Associations;

namespace NatT.Tunnel.Configuration;

/// <summary>The confs of both ends of a new tunnel, under fresh keys; holds their octets until it is disposed.</summary>
public sealed class ConfPair : IDisposable
{
    public const string DefaultSuite = "aes-cbc-hmac-sha256";
    public const string DefaultMode = "tunnel";

    private const int EncryptionKeySize = 32;
    private const uint FirstUsableSpi = 256;

    private readonly SecretText _first;
    private readonly SecretText _second;

    private ConfPair(SecretText first, SecretText second)
    {
        _first = first;
        _second = second;
    }

    /// <summary>The first end's conf file.</summary>
    public ReadOnlySpan<byte> First => _first.Octets;

    /// <summary>The second end's.</summary>
    public ReadOnlySpan<byte> Second => _second.Octets;

    /// <summary>Draws SPIs and keys, separate for each direction, and writes what the ends say of themselves around them.</summary>
    /// <remarks>Whether that makes good confs is for <see cref="ConfReader.Parse(string, Memory{byte})"/> to say.</remarks>
    public static ConfPair Generate(ConfEnd first, ConfEnd second, string suite, EntropySource entropy, string mode = DefaultMode)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        ArgumentNullException.ThrowIfNull(entropy);
        using AssociationConf toFirst = Draw(suite, entropy);
        using AssociationConf toSecond = Draw(suite, entropy, toFirst.Spi);
        return new ConfPair(
            Compose(first, second, suite, mode, inbound: toFirst, outbound: toSecond),
            Compose(second, first, suite, mode, inbound: toSecond, outbound: toFirst));
    }

    /// <summary>Draws SPIs and keys that are to follow those of <paramref name="conf"/>: lines to add to it, and to the other end's.</summary>
    public static ConfPair GenerateNext(PeerConf conf, EntropySource entropy)
    {
        ArgumentNullException.ThrowIfNull(conf);
        ArgumentNullException.ThrowIfNull(entropy);
        using AssociationConf toFirst = Draw(conf.Suite.Name, entropy, conf.Inbound.Spi, conf.Outbound.Spi);
        using AssociationConf toSecond = Draw(conf.Suite.Name, entropy, conf.Inbound.Spi, conf.Outbound.Spi, toFirst.Spi);
        return new ConfPair(ComposeNext(inbound: toFirst, outbound: toSecond), ComposeNext(inbound: toSecond, outbound: toFirst));
    }

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    private static AssociationConf Draw(string suite, EntropySource entropy, params ReadOnlySpan<uint> spisInUse)
    {
        (int encryption, int authentication) = (CipherSuites.Find(suite) ?? CipherSuites.Default) switch
        {
            AeadSuite aead => (aead.KeySizes.Max() + AeadSuite.SaltSize, 0),
            AesCbcHmac cbc => (EncryptionKeySize, cbc.Hash.Size),
            var other => throw new NotSupportedException($"How long keys of {other.Name} are is not known here."),
        };
        Span<byte> keys = stackalloc byte[encryption + authentication];
        try
        {
            entropy(keys);
            return new AssociationConf(
                DrawSpi(entropy, spisInUse), new KeyMaterial(keys[..encryption]), new KeyMaterial(keys[encryption..]));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(keys);
        }
    }

    // Of all 32 bits, so that a hub's peers, made one by one, hardly ever meet in a number.
    private static uint DrawSpi(EntropySource entropy, ReadOnlySpan<uint> spisInUse)
    {
        Span<byte> octets = stackalloc byte[sizeof(uint)];
        uint spi;
        do
        {
            entropy(octets);
            spi = BinaryPrimitives.ReadUInt32BigEndian(octets);
        }
        while (spi < FirstUsableSpi || spisInUse.Contains(spi));
        return spi;
    }

    private static SecretText Compose(
        ConfEnd own, ConfEnd peer, string suite, string mode, AssociationConf inbound, AssociationConf outbound)
    {
        string peerHost = peer.PublicHost.Length > 0 ? " " + peer.PublicHost : "";
        var text = new SecretText();
        text.Append(
            $"""
            # {own.Name}.conf: one end of a tunnel, made by natt-tun keygen together with {peer.Name}.conf, the other end's.
            # It holds the keys: leave it readable by its owner alone (chmod 600), and keep no copies.
            #   sudo natt-tun check --conf FILE     says what is missing in this file or on this machine
            #   sudo natt-tun --conf FILE           runs the tunnel

            # Where the peer is: its address or DNS name, and its UDP port. Empty: wait for the peer, which may be behind a NAT,
            # and learn it. At least one end has to know the other's.
            remote_public_ip  ={peerHost}
            remote_port       = {peer.Port}

            # Our own UDP port. Open it in the firewall; behind a NAT nothing need be done.
            ori_local_port    = {own.Port}

            # Addresses inside the tunnel: ours, put on the device, and the peer's, routed into it. A network behind one of
            # them goes into both confs, as in 10.77.0.1, 10.1.3.0/24.
            local_private_ip  = {own.PrivateAddresses}
            remote_private_ip = {peer.PrivateAddresses}


            """);
        if (own.StateDirectory is not null)
        {
            text.Append(
                $"""
                # Where sequence numbers survive a restart: keep it, and never copy it or roll it back.
                state_dir         = {own.StateDirectory}


                """);
        }

        text.Append($"suite             = {suite}\n{(mode == DefaultMode ? "" : $"mode              = {mode}\n")}\n");
        bool isAead = inbound.AuthenticationKey.Length == 0;
        if (isAead)
        {
            text.Append("# Each enc_ is a key and, as its last 4 octets, the salt. No other conf may have one of them.\n");
        }

        Append(text, "in", inbound, $"From the peer to us: {Keys("out", isAead)} of {peer.Name}.conf.");
        text.Append("\n");
        Append(text, "out", outbound, $"From us to the peer: {Keys("in", isAead)} of {peer.Name}.conf.");
        return text;
    }

    private static SecretText ComposeNext(AssociationConf inbound, AssociationConf outbound)
    {
        var text = new SecretText();
        text.Append("\n# Made by natt-tun keygen --next: these take the place of the keys above once both ends were reloaded with them.\n");
        Append(text, "in", inbound, "From the peer to us, next.", "next_");
        Append(text, "out", outbound, "From us to the peer, next.", "next_");
        return text;
    }

    private static string Keys(string direction, bool isAead) =>
        isAead ? $"spi_{direction} and enc_{direction}" : $"spi_{direction}, enc_{direction} and auth_{direction}";

    private static void Append(SecretText text, string direction, AssociationConf association, string comment, string prefix = "")
    {
        text.Append($"# {comment}\n{prefix}spi_{direction}  = 0x{association.Spi:x8}\n{prefix}enc_{direction}  = 0x");
        text.AppendHex(association.EncryptionKey.Octets);
        if (association.AuthenticationKey.Length > 0)
        {
            text.Append($"\n{prefix}auth_{direction} = 0x");
            text.AppendHex(association.AuthenticationKey.Octets);
        }

        text.Append("\n");
    }
}
