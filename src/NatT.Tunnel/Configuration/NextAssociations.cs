using NatT.Crypto;
using NatT.Esp.Associations;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Configuration;

/// <summary>The SPIs and keys that are to follow those in use: all of <c>next_</c>, or none.</summary>
internal sealed class NextAssociations
{
    private static readonly string[] Spis = [ConfKeys.NextSpiIn, ConfKeys.NextSpiOut];
    private static readonly string[] Ciphers = [ConfKeys.NextEncIn, ConfKeys.NextEncOut];
    private static readonly string[] Macs = [ConfKeys.NextAuthIn, ConfKeys.NextAuthOut];

    private readonly ConfDocument _document;
    private readonly CipherSuite _suite;

    private NextAssociations(ConfDocument document, CipherSuite suite)
    {
        _document = document;
        _suite = suite;
        string[] all = [.. Spis, .. Ciphers, .. Macs];
        if (all.All(key => document.Find(key) is null))
        {
            return;
        }

        string given = all.First(key => document.Find(key) is not null);
        string[] needed = suite is AeadSuite ? [.. Spis, .. Ciphers] : all;
        foreach (string lacking in needed.Where(key => document.Find(key) is null))
        {
            document.RefuseMissing(lacking, $"missing while {given} is given, write all of {string.Join(", ", needed)}, or none");
        }

        if (suite is AeadSuite && Macs.Select(document.Find).OfType<ConfEntry>().FirstOrDefault() is ConfEntry mac)
        {
            document.Refuse(mac, $"not for suite = {suite.Name}, which authenticates with {Ciphers[0]} and {Ciphers[1]}, remove this line");
        }

        Inbound = Read(0);
        Outbound = Read(1);
    }

    public AssociationConf? Inbound { get; private set; }

    public AssociationConf? Outbound { get; private set; }

    /// <summary>Whether both directions have the same keys, so that our own packets come back authentic.</summary>
    public bool SharesKeys => Inbound is not null && Outbound is not null
        && Inbound.EncryptionKey.FixedTimeEquals(Outbound.EncryptionKey)
        && Inbound.AuthenticationKey.FixedTimeEquals(Outbound.AuthenticationKey);

    public static NextAssociations Read(ConfDocument document, CipherSuite suite) => new(document, suite);

    /// <summary>SAs that follow others have SPIs and keys of their own, or nobody could tell them apart.</summary>
    public void CheckAgainst(AssociationConf? inbound, AssociationConf? outbound)
    {
        if (Inbound is null || Outbound is null || inbound is null || outbound is null)
        {
            return;
        }

        CheckSpi(Inbound, inbound, ConfKeys.NextSpiIn, ConfKeys.SpiIn);
        CheckSpi(Outbound, outbound, ConfKeys.NextSpiOut, ConfKeys.SpiOut);
        if (_suite is AeadSuite)
        {
            CheckAeadKeys(inbound, outbound);
        }
        else if (Inbound.EncryptionKey.FixedTimeEquals(inbound.EncryptionKey) || Outbound.EncryptionKey.FixedTimeEquals(outbound.EncryptionKey))
        {
            bool isIn = Inbound.EncryptionKey.FixedTimeEquals(inbound.EncryptionKey);
            _document.Refuse(_document.Find(Ciphers[isIn ? 0 : 1])!, "the key that is in use already, make new ones: natt-tun keygen --next FILE");
        }
    }

    public void Wipe()
    {
        Inbound?.Dispose();
        Outbound?.Dispose();
    }

    private void CheckSpi(AssociationConf next, AssociationConf current, string key, string currentKey)
    {
        if (next.Spi == current.Spi)
        {
            _document.Refuse(_document.Find(key)!, $"the same as {currentKey}, and both are in use at a time, write another number");
        }
    }

    private void CheckAeadKeys(AssociationConf inbound, AssociationConf outbound)
    {
        var seen = new HashSet<AssociationFingerprint> { AeadKeys.Digest(inbound.EncryptionKey), AeadKeys.Digest(outbound.EncryptionKey) };
        foreach ((string key, AssociationConf next) in new[] { (Ciphers[0], Inbound!), (Ciphers[1], Outbound!) })
        {
            if (!seen.Add(AeadKeys.Digest(next.EncryptionKey)))
            {
                _document.Refuse(_document.Find(key)!, $"a key that another SA of this conf has, and {_suite.Name} needs one for each, "
                    + "make new ones: natt-tun keygen --next FILE");
            }
        }
    }

    private AssociationConf? Read(int direction)
    {
        uint? spi = Associations.ReadSpi(_document, _document.Find(Spis[direction]));
        ConfEntry? cipher = _document.Find(Ciphers[direction]);
        ConfEntry? mac = _document.Find(Macs[direction]);
        KeyMaterial? encryption = cipher is null ? null
            : _suite is AeadSuite aead ? KeyReading.ReadAead(_document, cipher, aead)
            : KeyReading.ReadAes(_document, cipher);
        KeyMaterial? authentication = _suite is not AesCbcHmac cbc ? new KeyMaterial([])
            : mac is null ? null
            : KeyReading.ReadHmac(_document, mac, cbc.Hash);
        if (spi is not null && encryption is not null && authentication is not null)
        {
            return new AssociationConf(spi.Value, encryption, authentication);
        }

        encryption?.Dispose();
        authentication?.Dispose();
        return null;
    }
}
