namespace NatT.Tunnel.Configuration;

/// <summary>Where a running natt-tun gets its confs from, now and again: the files it was started with, as they are by then.</summary>
public interface IConfSource
{
    /// <summary>Reads all of them; what is wrong is in the set. The caller disposes it.</summary>
    ConfSet Read();
}
