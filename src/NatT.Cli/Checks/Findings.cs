namespace NatT.Cli.Checks;

/// <summary>What <c>natt-tun check</c> found so far, printed as it comes: what is well to one side, problems to the other.</summary>
internal sealed class Findings(TextWriter output, TextWriter errors)
{
    public int Problems { get; private set; }

    public void Well(string text) => output.WriteLine($"ok: {text}");

    /// <summary>Something to know that keeps nothing from working.</summary>
    public void Note(string text) => output.WriteLine($"note: {text}");

    /// <summary>A problem, or something that looks like one and keeps nothing from working.</summary>
    public void Add(string text, bool isProblem)
    {
        if (isProblem)
        {
            Problem(text);
        }
        else
        {
            Note(text);
        }
    }

    /// <summary>What is wrong and what to do, in one line.</summary>
    public void Problem(string text)
    {
        Problems++;
        errors.WriteLine($"problem: {text}");
    }
}
