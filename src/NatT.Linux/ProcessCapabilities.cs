using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>What the kernel lets this process do.</summary>
public static class ProcessCapabilities
{
    /// <summary>Whether the calling thread has any, be it only one that it does not use at the moment.</summary>
    public static bool HasAny
    {
        get
        {
            CapabilitySets sets = Read();
            return (sets.PermittedLow | sets.PermittedHigh) != 0;
        }
    }

    /// <summary>Whether the capability is in the calling thread's effective set.</summary>
    public static bool Has(Capability capability)
    {
        CapabilitySets sets = Read();
        ulong effective = sets.EffectiveLow | ((ulong)sets.EffectiveHigh << 32);
        return (effective >> (int)capability & 1) != 0;
    }

    private static CapabilitySets Read()
    {
        var header = new CapabilityHeader { Version = Libc.LINUX_CAPABILITY_VERSION_3 };
        if (Libc.capget(ref header, out CapabilitySets sets) < 0)
        {
            throw LinuxException.FromLastError("capget", "cannot tell what this process may do");
        }

        return sets;
    }
}
