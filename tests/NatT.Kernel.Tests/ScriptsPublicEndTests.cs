using NatT.Kernel.Tests.Scripts;

namespace NatT.Kernel.Tests;

/// <summary>natt-tun as the scripts' far end; the kernel is behind a NAT.</summary>
public sealed class ScriptsPublicEndTests(PublicEndLab lab) : ScriptsTests<PublicEndLab>(lab);
