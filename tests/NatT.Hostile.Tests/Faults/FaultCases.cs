namespace NatT.Hostile.Tests.Faults;

/// <summary>All tests of faults write one table.</summary>
[CollectionDefinition(Name)]
public sealed class FaultCases : ICollectionFixture<FaultTable>
{
    public const string Name = "faults";
}
