namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A theory that lays network namespaces; skipped, with the reason, where that cannot be done.</summary>
internal sealed class NamespaceTheoryAttribute : TheoryAttribute
{
    public NamespaceTheoryAttribute()
    {
        Skip = HostRequirements.Missing;
    }
}
