namespace NatT.Tunnel.Configuration;

/// <summary>What keeps a conf file from being used, and what mends it; never holds a key's value.</summary>
/// <param name="File">As the user gave it.</param>
/// <param name="Line">From 1; 0: the file as a whole.</param>
/// <param name="Key">As written in the file; null where the line has none.</param>
/// <param name="Text">What is wrong, what to do.</param>
public readonly record struct ConfProblem(string File, int Line, string? Key, string Text)
{
    /// <summary><c>FILE:LINE: key: text</c>, in one line.</summary>
    public override string ToString() => ConfLine.Format(File, Line, Key, Text);
}
