using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>The rows of Wireshark's table of ESP SAs by which it decrypts a tunnel.</summary>
public static class EspSaRows
{
    private const string ChaCha = "chacha20-poly1305";

    /// <summary>What Wireshark cannot do of a tunnel that it can decrypt; one line each.</summary>
    public static IEnumerable<string> Limits(PeerConf conf)
    {
        ArgumentNullException.ThrowIfNull(conf);
        if (conf.ExtendedSequenceNumbers)
        {
            yield return $"{conf.File}: esn = yes, which Wireshark up to 4.0 does not know: it decrypts, but calls every ICV wrong";
        }

        if (conf.Suite.Name == ChaCha)
        {
            yield return $"{conf.File}: {ChaCha}, which Wireshark knows from 4.6 on; an older one refuses the whole file";
        }

        if (conf.Framing != UdpFraming.Rfc3948)
        {
            yield return $"{conf.File}: Wireshark reads espinudp alone; with espinudp-nonike it takes the 8 zero octets before ESP "
                + "for IKE's";
        }
    }

    /// <summary>How to have the rows used; for all that follow.</summary>
    public static void AppendHowTo(SecretText text, IEnumerable<ushort> ports)
    {
        ArgumentNullException.ThrowIfNull(text);
        string decodeAs = string.Concat(ports.Distinct().Select(port => $" -d udp.port=={port},udpencap"));
        text.Append(
            $"""
            # Made by natt-tun export wireshark. It holds the keys: who has it can read what was captured.
            # This is the file esp_sa of a Wireshark profile (~/.config/wireshark/esp_sa). With it in a folder DIR of its own:
            #   WIRESHARK_CONFIG_DIR=DIR tshark -r CAPTURE{decodeAs} \
            #     -o esp.enable_encryption_decode:TRUE -o esp.enable_authentication_check:TRUE

            """);
    }

    /// <summary>Writes both directions behind what is in <paramref name="text"/>.</summary>
    public static void Append(SecretText text, PeerConf conf)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(conf);
        string[] versions = AddressKinds.TryParse(conf.RemoteHost, out IpAddress peer) ? [peer.IsIPv6 ? "IPv6" : "IPv4"] : ["IPv4", "IPv6"];
        bool isShared = conf.Inbound.Spi == conf.Outbound.Spi && conf.Inbound.EncryptionKey.FixedTimeEquals(conf.Outbound.EncryptionKey)
            && conf.Inbound.AuthenticationKey.FixedTimeEquals(conf.Outbound.AuthenticationKey);
        foreach (string version in versions)
        {
            Append(text, conf, conf.Outbound, version);
            if (!isShared)
            {
                Append(text, conf, conf.Inbound, version);
            }
        }
    }

    private static void Append(SecretText text, PeerConf conf, AssociationConf association, string version)
    {
        (string encryption, string authentication) = AlgorithmsOf(conf);
        text.Append($"\"{version}\",\"*\",\"*\",\"0x{association.Spi:x8}\",\"{encryption}\",\"0x");
        text.AppendHex(association.EncryptionKey.Octets);
        text.Append($"\",\"{authentication}\",\"");
        if (association.AuthenticationKey.Length > 0)
        {
            text.Append("0x");
            text.AppendHex(association.AuthenticationKey.Octets);
        }

        text.Append("\"\n");
    }

    private static (string Encryption, string Authentication) AlgorithmsOf(PeerConf conf)
    {
        const string AesCbc = "AES-CBC [RFC3602]";
        return (conf.Suite.Name, conf.IcvBits) switch
        {
            ("aes-cbc-hmac-sha256", 96) => (AesCbc, "HMAC-SHA-256-96 [draft-ietf-ipsec-ciph-sha-256-00]"),
            ("aes-cbc-hmac-sha256", _) => (AesCbc, "HMAC-SHA-256-128 [RFC4868]"),
            ("aes-cbc-hmac-sha1", _) => (AesCbc, "HMAC-SHA-1-96 [RFC2404]"),
            ("aes-cbc-hmac-sha384", _) => (AesCbc, "HMAC-SHA-384-192 [RFC4868]"),
            ("aes-cbc-hmac-sha512", _) => (AesCbc, "HMAC-SHA-512-256 [RFC4868]"),
            ("aes-gcm-16", _) => ("AES-GCM with 16 octet ICV [RFC4106]", "NULL"),
            (ChaCha, _) => ("ChaCha20 with Poly1305 [RFC7634]", "NULL"),
            var other => throw new NotSupportedException($"What Wireshark calls {other.Name} is not known here."),
        };
    }
}
