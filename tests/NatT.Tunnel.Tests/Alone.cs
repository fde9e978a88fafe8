namespace NatT.Tunnel.Tests;

/// <summary>Tests that measure time run when no other test of the assembly does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
