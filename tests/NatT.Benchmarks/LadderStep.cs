namespace NatT.Benchmarks;

/// <summary>One layer of the way from a kernel to a data path, and what each run of it cost.</summary>
/// <param name="Name">As the table calls it.</param>
/// <param name="Run">Does it once and returns seconds of a core for each octet of inner packet.</param>
internal sealed record LadderStep(string Name, Func<double> Run)
{
    private readonly List<double> _costs = [];

    /// <summary>Seconds an octet: the median of all runs, which a few that were interrupted do not move.</summary>
    public double Cost => _costs.Order().ElementAt(_costs.Count / 2);

    public void Measure() => _costs.Add(Run());

    public void Forget() => _costs.Clear();
}
