using NatT.Kernel.Tests.Scripts;

namespace NatT.Kernel.Tests;

/// <summary>natt-tun where the scripts ran, behind a NAT.</summary>
public sealed class ScriptsBehindNatTests(BehindNatLab lab) : ScriptsTests<BehindNatLab>(lab);
