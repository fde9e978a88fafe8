namespace NatT.Tunnel.Configuration;

/// <summary>Who may touch a file or folder.</summary>
/// <param name="Kind">What the path leads to, links followed.</param>
/// <param name="OwnerUid">Its owner.</param>
/// <param name="Mode">Its permissions, the sticky bit included.</param>
/// <param name="StartingUid">The user who started natt-tun; under sudo, the one who typed sudo.</param>
public readonly record struct ConfFileFacts(ConfFileKind Kind, uint OwnerUid, UnixFileMode Mode, uint StartingUid)
{
    /// <summary>Whether it belongs to root or the starting user.</summary>
    public bool IsOwnerTrusted => OwnerUid == 0 || OwnerUid == StartingUid;
}
