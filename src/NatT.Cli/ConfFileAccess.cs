using System.Globalization;
using NatT.Linux;
using NatT.Tunnel.Configuration;

namespace NatT.Cli;

/// <summary>Tells the conf reader whose a file is.</summary>
internal static class ConfFileAccess
{
    public static ConfFileFacts Inspect(string path)
    {
        FileStatus status = FileStatus.Read(path);
        ConfFileKind kind = status.IsDirectory ? ConfFileKind.Directory : status.IsRegular ? ConfFileKind.Regular : ConfFileKind.Other;
        return new ConfFileFacts(kind, status.OwnerId, status.Mode, StartingUser());
    }

    /// <summary>Under sudo the user who typed it, whose confs root may well run.</summary>
    private static uint StartingUser() =>
        EffectiveUser.Id == EffectiveUser.Root
        && uint.TryParse(Environment.GetEnvironmentVariable("SUDO_UID"), NumberStyles.None, CultureInfo.InvariantCulture, out uint user)
            ? user
            : EffectiveUser.Id;
}
