namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A test that lays network namespaces; skipped, with the reason, where that cannot be done.</summary>
internal sealed class NamespaceFactAttribute : FactAttribute
{
    public NamespaceFactAttribute()
    {
        Skip = HostRequirements.Missing;
    }
}
