using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>The user in whose name this process acts.</summary>
public static class EffectiveUser
{
    public const uint Root = 0;

    public static uint Id => Libc.geteuid();
}
