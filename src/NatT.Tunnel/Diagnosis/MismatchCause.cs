namespace NatT.Tunnel.Diagnosis;

/// <summary>What the two ends of a tunnel may not agree on.</summary>
public enum MismatchCause
{
    /// <summary>The far end truncates its ICV to another length.</summary>
    IcvLength,

    /// <summary>No ICV is right: another key to authenticate with; of an AEAD, another key or salt.</summary>
    AuthenticationKey,

    /// <summary>ICVs are right, and what they vouch for decrypts to nonsense.</summary>
    EncryptionKey,

    /// <summary>The far end seals with the keys that we seal with.</summary>
    KeyDirection,

    /// <summary>One end has extended sequence numbers, the other has not.</summary>
    SequenceLength,

    /// <summary>The far end uses the other UDP framing and does not answer ours.</summary>
    Framing,

    /// <summary>The far end sends under the SPI that we send under.</summary>
    SpiDirection,

    /// <summary>No SA has the SPI.</summary>
    SpiUnknown,

    /// <summary>The far end seems to have keys beside ours, as it may while keys change.</summary>
    NextKeys,

    /// <summary>The conf's inner addresses do not hold those that come.</summary>
    Selectors,

    /// <summary>Numbers went back, and no answer tells whether the far end started over.</summary>
    SequenceRestart,

    /// <summary>Lengths of datagrams that no packet of the suite has.</summary>
    Suite,

    /// <summary>One end has transport mode, the other tunnel mode.</summary>
    Mode,

    /// <summary>The far end wants to negotiate.</summary>
    Ike,
}
