using System.Globalization;

namespace NatT.Linux;

/// <summary>A user of /etc/passwd.</summary>
/// <param name="Name">As confs name it.</param>
/// <param name="UserId">Never root's where it is one to switch to.</param>
/// <param name="GroupId">Of its primary group.</param>
public sealed record UserAccount(string Name, uint UserId, uint GroupId)
{
    private const string File = "/etc/passwd";

    /// <summary>Null where there is none of that name.</summary>
    public static UserAccount? Find(string name) => Find(name, System.IO.File.ReadLines(File));

    // name:password:uid:gid:…; other sources of users (NSS) would be other programs' code, with a network behind it, run by root.
    internal static UserAccount? Find(string name, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            if (line.Split(':') is [string found, _, string user, string group, ..] && found == name
                && uint.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out uint userId)
                && uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out uint groupId))
            {
                return new UserAccount(name, userId, groupId);
            }
        }

        return null;
    }
}
