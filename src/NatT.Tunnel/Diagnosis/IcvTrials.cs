using NatT.Crypto;
using NatT.Esp.Associations;

namespace NatT.Tunnel.Diagnosis;

/// <summary>Tries a packet under other lengths of ICV and of sequence number than its SA has. A fixed number of trials a key.</summary>
internal static class IcvTrials
{
    /// <summary>High halves that a sender has in its first years.</summary>
    private static readonly uint?[] Highs = [null, 0, 1, 2, 3];

    /// <summary>The first combination under which the ICV is right, or null.</summary>
    /// <param name="packet">SPI to ICV, as it came.</param>
    /// <param name="parameters">Whose keys.</param>
    public static IcvMatch? Find(ReadOnlySpan<byte> packet, SecurityAssociationParameters parameters)
    {
        CipherSuite suite = parameters.Key.Suite;
        foreach (int icvSize in suite.IcvSizes)
        {
            if (!Fits(packet.Length, parameters, icvSize))
            {
                continue;
            }

            foreach (uint? high in Highs)
            {
                if (suite.IsAuthentic(packet, parameters.Key, icvSize, high))
                {
                    return new IcvMatch(icvSize, IsExtended: high is not null);
                }
            }
        }

        return null;
    }

    /// <summary>Whether a packet of the SA's suite with such an ICV may be so long.</summary>
    public static bool Fits(int length, SecurityAssociationParameters parameters, int icvSize)
    {
        int ciphertext = length - parameters.Key.Suite.Overhead(icvSize);
        return ciphertext >= parameters.Alignment && ciphertext % parameters.Alignment == 0;
    }
}
