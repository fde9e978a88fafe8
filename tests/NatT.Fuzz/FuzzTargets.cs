using NatT.Fuzz.Engine;
using NatT.Fuzz.Targets;

namespace NatT.Fuzz;

/// <summary>All there are.</summary>
public static class FuzzTargets
{
    public static IReadOnlyList<string> Names { get; } = [.. All().Select(target => target.Name)];

    public static IFuzzTarget Create(string name) => All().Single(target => target.Name == name);

    private static IEnumerable<IFuzzTarget> All() =>
    [
        new EspOpening(), new InnerPackets(), new Segmentation(), new Coalescing(), new Configuration(), new XfrmImports(), new ControlRequests(),
    ];
}
