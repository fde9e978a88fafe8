using System.Collections.Immutable;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Interchange;

/// <summary>What is wrong with a text of <c>ip xfrm</c>, and what else is to be known about it.</summary>
/// <param name="file">What lines of complaint call the text.</param>
internal sealed class XfrmFindings(string file)
{
    private const int MostProblems = 100;

    private readonly List<ConfProblem> _problems = [];
    private readonly List<(int Line, string Text)> _notices = [];

    public bool HasProblems => _problems.Count > 0;

    /// <summary>So many that the text is probably something else.</summary>
    public bool HasTooManyProblems => _problems.Count >= MostProblems;

    /// <summary>In the order of their lines.</summary>
    public ImmutableArray<ConfProblem> Problems => [.. _problems.OrderBy(problem => problem.Line)];

    /// <summary>In the order of their lines.</summary>
    public ImmutableArray<string> Notices => [.. _notices.OrderBy(notice => notice.Line).Select(notice => notice.Text)];

    /// <summary>Never with any of a key in the text.</summary>
    public void Refuse(int line, string text) => _problems.Add(new ConfProblem(file, line, null, text));

    public void Inform(int line, string text) => _notices.Add((line, ConfLine.Format(file, line, null, text)));
}
