namespace NatT.EndToEnd.Tests.Lab;

/// <summary>The lines of a conf file, to be edited before they are written.</summary>
internal sealed class PeerConfText
{
    private readonly Dictionary<string, string> _values = [];

    /// <summary>Null: the key is not in the file.</summary>
    public string? this[string key]
    {
        get => _values.GetValueOrDefault(key);
        set
        {
            if (value is null)
            {
                _values.Remove(key);
            }
            else
            {
                _values[key] = value;
            }
        }
    }

    public PeerConfText Copy()
    {
        var copy = new PeerConfText();
        foreach ((string key, string value) in _values)
        {
            copy[key] = value;
        }

        return copy;
    }

    public void WriteTo(string file)
    {
        File.WriteAllLines(file, _values.Select(pair => $"{pair.Key} = {pair.Value}"));
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
