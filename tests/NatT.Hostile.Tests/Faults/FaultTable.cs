namespace NatT.Hostile.Tests.Faults;

/// <summary>What came of every fault, for the table that tests/run.sh shows.</summary>
public sealed class FaultTable : IDisposable
{
    private readonly List<Verdict> _verdicts = [];

    /// <summary>Runs a case, which returns what it counted; where it fails, the table says so too.</summary>
    internal void Judge(string fault, Func<string> run)
    {
        try
        {
            _verdicts.Add(new Verdict(fault, Problem: null, run()));
        }
        catch (Exception exception)
        {
            _verdicts.Add(new Verdict(fault, exception.Message, exception.Message.Split('\n')[0]));
            throw;
        }
    }

    public void Dispose()
    {
        if (_verdicts.Count > 0)
        {
            VerdictTable.Write("Hostile-faults", [.. _verdicts.OrderBy(verdict => verdict.Behaviour, StringComparer.Ordinal)]);
        }
    }
}
