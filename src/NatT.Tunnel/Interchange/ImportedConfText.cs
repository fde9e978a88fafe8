using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>Writes the conf of a tunnel of the kernel's.</summary>
internal static class ImportedConfText
{
    /// <summary>What natt-tun takes at least where there is a window.</summary>
    private const int SmallestWindow = 32;

    /// <param name="pair">Both directions.</param>
    /// <param name="bindAddress">Where to listen; null: anywhere.</param>
    /// <param name="stateDirectory">Null: the default.</param>
    public static SecretText Compose(XfrmPair pair, IpAddress? bindAddress, string? stateDirectory)
    {
        XfrmState inbound = pair.Inbound, outbound = pair.Outbound;
        int window = inbound.ReplayWindow == 0 ? 0 : Math.Max(SmallestWindow, inbound.ReplayWindow);
        var text = new SecretText();
        text.Append(
            $"""
            # A tunnel of the kernel's, made by natt-tun import xfrm.
            # It holds the keys: leave it readable by its owner alone (chmod 600), and keep no copies.

            remote_public_ip  = {outbound.Destination}
            remote_port       = {outbound.DestinationPort}
            {(bindAddress is null ? "" : $"ori_local_public_ip = {bindAddress}\n")}ori_local_port    = {outbound.SourcePort}

            local_private_ip  = {string.Join(", ", pair.Local.Select(Shown))}
            remote_private_ip = {string.Join(", ", pair.Remote.Select(Shown))}

            {(pair.IsTransport ? "mode              = transport\n" : "")}suite             = {outbound.Algorithm.Suite}
            icv_bits          = {outbound.Algorithm.IcvBits}
            espmode           = {FramingNames.Of(outbound.Framing)}
            esn               = {(outbound.IsExtended ? "yes" : "no")}
            replay_window     = {window}
            {(stateDirectory is null ? "" : $"state_dir         = {stateDirectory}\n")}
            """);
        AppendSpis(text, inbound, outbound);
        AppendKeys(text, "enc", "enc_aes", inbound.EncryptionKey, outbound.EncryptionKey);
        if (!outbound.Algorithm.IsAead)
        {
            AppendKeys(text, "auth", "auth", inbound.AuthenticationKey, outbound.AuthenticationKey);
        }

        return text;
    }

    private static string Shown(IpPrefix prefix) => prefix.IsHost ? $"{prefix.Network}" : $"{prefix}";

    private static void AppendSpis(SecretText text, XfrmState inbound, XfrmState outbound)
    {
        if (inbound.Spi == outbound.Spi)
        {
            text.Append($"spi_id = 0x{outbound.Spi:x8}\n");
            return;
        }

        text.Append($"spi_in = 0x{inbound.Spi:x8}\nspi_out = 0x{outbound.Spi:x8}\n");
    }

    private static void AppendKeys(SecretText text, string name, string shared, KeyMaterial inbound, KeyMaterial outbound)
    {
        if (inbound.FixedTimeEquals(outbound))
        {
            Append(shared, outbound);
            return;
        }

        Append($"{name}_in", inbound);
        Append($"{name}_out", outbound);

        void Append(string key, KeyMaterial octets)
        {
            text.Append($"{key} = 0x");
            text.AppendHex(octets.Octets);
            text.Append("\n");
        }
    }
}
