using NatT.Linux.Interop;
using NatT.Tunnel.Segmentation;

namespace NatT.Linux;

/// <summary>What a TUN device moves besides plain packets.</summary>
/// <param name="HeaderSize">Octets of virtio header before each packet read or written; 0: there is none.</param>
/// <param name="MergesTcp">Whether it may be given several TCP segments as one packet.</param>
/// <param name="MergesUdp">Whether it may be given several UDP datagrams as one packet (Linux 6.2).</param>
internal readonly record struct TunOffloads(int HeaderSize, bool MergesTcp, bool MergesUdp)
{
    private const uint Tcp = Libc.TUN_F_CSUM | Libc.TUN_F_TSO4 | Libc.TUN_F_TSO6;
    private const uint Udp = Libc.TUN_F_USO4 | Libc.TUN_F_USO6;

    public static TunOffloads None => default;

    /// <summary>Asks an attached device with IFF_VNET_HDR for all offloads, or as many as it grants.</summary>
    public static TunOffloads Request(Descriptor tun)
    {
        int size = VirtioHeader.Size;
        if (Libc.ioctl(tun, Libc.TUNSETVNETHDRSZ, in size) < 0)
        {
            throw LinuxException.FromLastError("TUNSETVNETHDRSZ", "the TUN driver refuses its own header size");
        }

        ReadOnlySpan<uint> offers = [Tcp | Udp | Libc.TUN_F_TSO_ECN, Tcp | Libc.TUN_F_TSO_ECN, Tcp];
        foreach (uint offer in offers)
        {
            if (Libc.ioctl(tun, Libc.TUNSETOFFLOAD, (nuint)offer) == 0)
            {
                return new TunOffloads(size, MergesTcp: true, MergesUdp: (offer & Udp) != 0);
            }
        }

        return new TunOffloads(size, MergesTcp: false, MergesUdp: false);
    }

    /// <summary>Gives all of them back.</summary>
    public static void Release(Descriptor tun) => Libc.ioctl(tun, Libc.TUNSETOFFLOAD, (nuint)0);
}
