namespace NatT.Kernel.Tests.Guest;

/// <summary>A theory that boots a kernel; where that cannot be done it is skipped with the reason, in continuous integration it fails.</summary>
internal sealed class KernelTheoryAttribute : TheoryAttribute
{
    public KernelTheoryAttribute()
    {
        Skip = KernelRequirements.SkipReason;
    }
}
