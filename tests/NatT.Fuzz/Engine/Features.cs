namespace NatT.Fuzz.Engine;

/// <summary>Everything that runs of one target were seen to do: verdicts, branches, classes of size. One thread owns it.</summary>
/// <remarks>Hashes are the same in every process, so that a seed gives the same run again.</remarks>
public sealed class Features
{
    private const ulong Offset = 0xCBF29CE484222325;
    private const ulong Prime = 0x100000001B3;

    private readonly HashSet<ulong> _seen = [];

    public int Count => _seen.Count;

    /// <summary>Whether anything new was seen since this was last set to false.</summary>
    public bool HasNew { get; set; }

    public void Add(string what, long first = 0, long second = 0) =>
        Note(((Hash(what) ^ (ulong)first) * Prime ^ (ulong)second) * Prime);

    /// <summary>A message by its letters, without what it quotes and counts.</summary>
    public void AddMessage(string what, string message)
    {
        ulong hash = Hash(what);
        bool isQuoted = false;
        foreach (char c in message)
        {
            isQuoted ^= c == '\'';
            if (!isQuoted && char.IsAsciiLetterLower(c) && !char.IsAsciiHexDigit(c))
            {
                hash = (hash ^ c) * Prime;
            }
        }

        Note(hash);
    }

    /// <summary>Sizes in classes: 0, 1, 2 to 3, 4 to 7, …</summary>
    public static int ClassOf(long size) => 64 - (int)ulong.LeadingZeroCount((ulong)size);

    private static ulong Hash(string text)
    {
        ulong hash = Offset;
        foreach (char c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return hash;
    }

    private void Note(ulong hash) => HasNew |= _seen.Add(hash);
}
