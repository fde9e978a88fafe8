namespace NatT.Kernel.Tests.Matrix;

/// <summary>The tests that share one kernel and one natt-tun.</summary>
[CollectionDefinition(Name)]
public sealed class MatrixTests : ICollectionFixture<MatrixSession>
{
    public const string Name = "matrix";
}
