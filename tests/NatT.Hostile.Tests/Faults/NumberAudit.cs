namespace NatT.Hostile.Tests.Faults;

/// <summary>What one end has sent and taken under one key, over all its lives.</summary>
internal sealed class NumberAudit
{
    private readonly HashSet<ulong> _nonces;

    public NumberAudit()
        : this([])
    {
    }

    private NumberAudit(HashSet<ulong> nonces)
    {
        _nonces = nonces;
    }

    /// <summary>Packets sent.</summary>
    public long Sent { get; private set; }

    public ulong HighestSent { get; private set; }

    public ulong HighestTaken { get; private set; }

    public NumberAudit Copy() => new([.. _nonces]) { Sent = Sent, HighestSent = HighestSent, HighestTaken = HighestTaken };

    /// <summary>A packet left; <paramref name="nonce"/> is that of an AEAD.</summary>
    public void NoteSent(ulong number, ulong? nonce)
    {
        Assert.True(number > HighestSent, $"number {number} was sent, and {HighestSent} before it");
        Assert.True(nonce is null || _nonces.Add(nonce.Value), $"nonce {nonce:x16} was sent twice");
        HighestSent = number;
        Sent++;
    }

    public void NoteTaken(ulong number) => HighestTaken = Math.Max(HighestTaken, number);
}
