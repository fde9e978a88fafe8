using System.Globalization;
using NatT.Crypto;
using NatT.Esp.Associations;

namespace NatT.Tunnel.Configuration;

/// <summary>SPIs and keys of both directions; owns the keys until they are handed to a <see cref="PeerConf"/>.</summary>
internal sealed class Associations
{
    private const uint LastReservedSpi = 255;

    private readonly uint? _spiIn;
    private readonly uint? _spiOut;
    private readonly KeyMaterial? _encIn;
    private readonly KeyMaterial? _encOut;
    private readonly KeyMaterial? _authIn;
    private readonly KeyMaterial? _authOut;

    private Associations(ConfDocument document, AeadSuite suite)
    {
        Direction spi = Direction.FindSeparate(document, suite, ConfKeys.Spi, ConfKeys.SpiIn, ConfKeys.SpiOut);
        Direction enc = Direction.FindSeparate(document, suite, ConfKeys.Enc, ConfKeys.EncIn, ConfKeys.EncOut);
        _spiIn = ReadSpi(document, spi.In);
        _spiOut = ReadSpi(document, spi.Out);
        (_encIn, _encOut) = ReadPair(document, enc, (_, entry) => KeyReading.ReadAead(document, entry, suite));
        (_authIn, _authOut) = (new KeyMaterial([]), new KeyMaterial([]));
        RefuseAuthentication(document, suite);
        RefuseEqual(document, suite, spi, _spiIn is not null && _spiIn == _spiOut);
        RefuseEqual(document, suite, enc, _encIn is not null && _encOut is not null && AeadKeys.AreEqual(_encIn, _encOut));
    }

    private Associations(ConfDocument document, AesCbcHmac suite)
    {
        Direction spi = Direction.Find(document, ConfKeys.Spi, ConfKeys.SpiIn, ConfKeys.SpiOut);
        Direction enc = Direction.Find(document, ConfKeys.Enc, ConfKeys.EncIn, ConfKeys.EncOut);
        Direction auth = Direction.Find(document, ConfKeys.Auth, ConfKeys.AuthIn, ConfKeys.AuthOut);

        _spiIn = ReadSpi(document, spi.In);
        _spiOut = spi.IsShared ? _spiIn : ReadSpi(document, spi.Out);
        (_encIn, _encOut) = ReadPair(document, enc, KeyReading.ReadAes);
        (_authIn, _authOut) = ReadPair(document, auth, (_, entry) => KeyReading.ReadHmac(document, entry, suite.Hash));
        SharesKeys = AreShared(enc, _encIn, _encOut) && AreShared(auth, _authIn, _authOut);

        if (document.Find(ConfKeys.Mode) is { Text: Protocol.TransportMode } mode)
        {
            RefuseShared(document, mode, enc, AreShared(enc, _encIn, _encOut), $"{ConfKeys.EncIn} and {ConfKeys.EncOut}");
            RefuseShared(document, mode, auth, AreShared(auth, _authIn, _authOut), $"{ConfKeys.AuthIn} and {ConfKeys.AuthOut}");
        }

        WarnOfEqualKeys(document, enc, auth);
        if (suite == CipherSuites.Default)
        {
            InformOfKernelPeer(document, spi, enc, auth);
        }
    }

    /// <summary>Whether both directions use the same keys, so that our own packets come back authentic.</summary>
    public bool SharesKeys { get; }

    public AssociationConf? Inbound => Combine(_spiIn, _encIn, _authIn);

    public AssociationConf? Outbound => Combine(_spiOut, _encOut, _authOut);

    public static Associations Read(ConfDocument document, CipherSuite suite) =>
        suite is AeadSuite aead ? new Associations(document, aead) : new Associations(document, (AesCbcHmac)suite);

    /// <summary>Wipes the keys, for a conf that is refused.</summary>
    public void Wipe()
    {
        foreach (KeyMaterial? key in new[] { _encIn, _encOut, _authIn, _authOut })
        {
            key?.Dispose();
        }
    }

    private static AssociationConf? Combine(uint? spi, KeyMaterial? enc, KeyMaterial? auth) =>
        spi is not null && enc is not null && auth is not null ? new AssociationConf(spi.Value, enc, auth) : null;

    internal static uint? ReadSpi(ConfDocument document, ConfEntry? entry)
    {
        if (entry is null)
        {
            return null;
        }

        string text = entry.Text;
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool isNumber = isHex
            ? uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint spi)
            : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out spi) && (text.Length == 1 || text[0] != '0');
        if (!isNumber)
        {
            // Unquoted: what is too long for an SPI may be a key on the wrong line.
            document.Refuse(entry, "no 32-bit number, write 0x and up to 8 hex digits, or a decimal number without leading zeros");
            return null;
        }

        if (spi <= LastReservedSpi)
        {
            document.Refuse(entry, $"{spi} is reserved (RFC 4303 §2.1), write a number from 256 (0x100) to 0xffffffff");
            return null;
        }

        return spi;
    }

    private static (KeyMaterial? In, KeyMaterial? Out) ReadPair(
        ConfDocument document, Direction direction, Func<ConfDocument, ConfEntry, KeyMaterial?> read)
    {
        KeyMaterial? inbound = direction.In is null ? null : read(document, direction.In);
        if (direction.IsShared)
        {
            return (inbound, inbound is null ? null : new KeyMaterial(inbound.Octets));
        }

        return (inbound, direction.Out is null ? null : read(document, direction.Out));
    }

    private static void RefuseAuthentication(ConfDocument document, AeadSuite suite)
    {
        foreach (string key in new[] { ConfKeys.Auth, ConfKeys.AuthIn, ConfKeys.AuthOut })
        {
            if (document.Find(key) is ConfEntry entry)
            {
                int line = document.Find(ConfKeys.Suite)!.Line;
                document.Refuse(entry, $"not for suite = {suite.Name} on line {line}, which authenticates with {ConfKeys.EncIn} "
                    + $"and {ConfKeys.EncOut}, remove this line");
            }
        }
    }

    // Each direction counts from 1: under one key their nonces would be the same.
    private static void RefuseEqual(ConfDocument document, AeadSuite suite, Direction direction, bool areEqual)
    {
        if (areEqual && !direction.IsShared)
        {
            document.Refuse(direction.Out!, $"the same as {direction.In!.WrittenAs} on line {direction.In.Line}, and {suite.Name} needs "
                + $"one for each direction, make new ones: natt-tun keygen --suite {suite.Name}");
        }
    }

    // No inner addresses travel, so nothing but the keys tells our own packets, sent back to us, from the peer's.
    private static void RefuseShared(ConfDocument document, ConfEntry mode, Direction direction, bool areShared, string separate)
    {
        if (areShared)
        {
            string what = direction.IsShared ? "for both directions" : $"the same key as {direction.In!.WrittenAs} on line {direction.In.Line}";
            document.Refuse(direction.Out!, $"{what}, but mode = {mode.Text} on line {mode.Line} needs one for each, "
                + $"write {separate}: natt-tun keygen --mode {mode.Text} makes them");
        }
    }

    private static bool AreShared(Direction direction, KeyMaterial? inbound, KeyMaterial? outbound) =>
        direction.IsShared || (inbound is not null && outbound is not null && inbound.FixedTimeEquals(outbound));

    private void WarnOfEqualKeys(ConfDocument document, Direction enc, Direction auth)
    {
        if (!enc.IsShared && _encIn is not null && _encOut is not null && _encIn.FixedTimeEquals(_encOut))
        {
            document.Warn(enc.Out!, $"the same key as {enc.In!.WrittenAs} on line {enc.In.Line}: better give each direction its own");
        }

        if (!auth.IsShared && _authIn is not null && _authOut is not null && _authIn.FixedTimeEquals(_authOut))
        {
            document.Warn(auth.Out!, $"the same key as {auth.In!.WrittenAs} on line {auth.In.Line}: better give each direction its own");
        }
    }

    private static void InformOfKernelPeer(ConfDocument document, Direction spi, Direction enc, Direction auth)
    {
        bool isAsTheScriptsWrite = spi.IsShared && enc.IsShared && auth.IsShared && auth.In?.WrittenAs == ConfKeys.AuthSha256;
        if (isAsTheScriptsWrite && document.Find(ConfKeys.Compat) is null && document.Find(ConfKeys.IcvBits) is null)
        {
            document.Inform(
                auth.In!,
                "enough between two natt-tun; if the peer is a Linux kernel set up by static-ipsec-nat-t, add compat = static-ipsec-nat-t");
        }
    }

    /// <summary>The entries that serve a direction each: its own, or the one for both.</summary>
    private readonly record struct Direction(ConfEntry? In, ConfEntry? Out)
    {
        public bool IsShared => In is not null && ReferenceEquals(In, Out);

        /// <summary>As <see cref="Find"/>, where one entry may not serve both.</summary>
        public static Direction FindSeparate(ConfDocument document, AeadSuite suite, string both, string inbound, string outbound)
        {
            var direction = new Direction(document.Find(inbound), document.Find(outbound));
            if (document.Find(both) is ConfEntry shared)
            {
                document.Refuse(shared, $"for both directions, but suite = {suite.Name} on line {document.Find(ConfKeys.Suite)!.Line} "
                    + $"needs one for each, write {inbound} and {outbound}");
                return direction;
            }

            foreach (string lacking in new[] { inbound, outbound }.Where(key => document.Find(key) is null))
            {
                document.RefuseMissing(lacking, $"missing, and suite = {suite.Name} needs {inbound} and {outbound}, write both");
            }

            return direction;
        }

        public static Direction Find(ConfDocument document, string both, string inbound, string outbound)
        {
            ConfEntry? shared = document.Find(both);
            ConfEntry? ownIn = document.Find(inbound);
            ConfEntry? ownOut = document.Find(outbound);
            var direction = new Direction(ownIn ?? shared, ownOut ?? shared);
            if (ownIn is not null && ownOut is not null && shared is not null)
            {
                document.Inform(shared, $"not used: {inbound} and {outbound} are given");
            }
            else if (direction.In is null && direction.Out is null)
            {
                document.RefuseMissing(both, $"missing, write {both} for both directions, or {inbound} and {outbound}");
            }
            else if (direction.In is null || direction.Out is null)
            {
                (string lacking, string given) = direction.In is null ? (inbound, outbound) : (outbound, inbound);
                document.RefuseMissing(lacking, $"missing while {given} is given, write both, or {both} for both directions");
            }

            return direction;
        }
    }
}
