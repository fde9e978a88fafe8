using System.Buffers.Binary;
using System.Security.Cryptography;
using NatT.Tunnel.Configuration;

namespace NatT.Cli.Privilege;

/// <summary>The confs as a worker gets them: from its parent, for they are not its user's to read.</summary>
internal sealed class ParentConfs(ParentLink parent) : IConfSource
{
    /// <summary>What those read last say of the device.</summary>
    public DeviceNetwork Network { get; private set; } = new([], []);

    public ConfSet Read()
    {
        byte[]? octets = null;
        int received = 0;
        try
        {
            parent.Ask(ParentRequest.ReadConfs, take: part => Take(part.Span));
            List<ConfOctets> texts = ConfMessage.Read(octets ?? throw new IOException("natt-tun's parent process sent no confs"), out List<ConfProblem> problems);
            ConfSet confs = ConfSet.Parse(texts, problems);
            Network = confs.IsValid ? DeviceNetwork.Of(confs.Peers) : Network;
            return confs;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }

        // The first part is the length of the others.
        void Take(ReadOnlySpan<byte> part)
        {
            if (octets is null)
            {
                octets = GC.AllocateUninitializedArray<byte>(BinaryPrimitives.ReadInt32LittleEndian(part), pinned: true);
                return;
            }

            part.CopyTo(octets.AsSpan(received));
            received += part.Length;
        }
    }
}
