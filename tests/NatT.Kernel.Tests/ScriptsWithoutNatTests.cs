using NatT.Kernel.Tests.Scripts;

namespace NatT.Kernel.Tests;

/// <summary>Two public ends.</summary>
public sealed class ScriptsWithoutNatTests(WithoutNatLab lab) : ScriptsTests<WithoutNatLab>(lab);
