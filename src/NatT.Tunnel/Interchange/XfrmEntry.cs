namespace NatT.Tunnel.Interchange;

/// <summary>A state or a policy as printed: a line that begins in the first column, and those below it.</summary>
internal sealed class XfrmEntry(XfrmLine first)
{
    public XfrmLine First { get; } = first;

    public List<XfrmLine> Rest { get; } = [];

    public bool IsState => Rest is [XfrmLine next, ..] && next[0] == "proto";

    public bool IsPolicy => Rest is [XfrmLine next, ..] && next[0] is "dir" or "socket";
}
