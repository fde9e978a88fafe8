namespace NatT.Kernel.Tests.Guest;

/// <summary>A test that boots a kernel; where that cannot be done it is skipped with the reason, in continuous integration it fails.</summary>
internal sealed class KernelFactAttribute : FactAttribute
{
    public KernelFactAttribute()
    {
        Skip = KernelRequirements.SkipReason;
    }
}
