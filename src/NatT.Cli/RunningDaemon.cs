using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;

namespace NatT.Cli;

/// <summary>Finds the natt-tun that a verb is for among those in this network namespace.</summary>
internal sealed class RunningDaemon(ControlOptions options)
{
    private const string Here = "in this network namespace";

    /// <exception cref="CommandException">There is none, or not one alone.</exception>
    public async Task<ControlClient> ConnectAsync(CancellationToken cancellationToken)
    {
        (string? device, string stateDirectory) = Wanted();
        ControlSocketFolders folders = ControlSocketFolders.OfThisProcess(stateDirectory);
        List<string> running = [];
        ControlClient? found = null;
        try
        {
            foreach (string path in folders.FindAll().Where(path => device is null || ControlSocketFolders.DeviceOf(path) == device))
            {
                if (await ControlClient.TryConnectAsync(path, cancellationToken).ConfigureAwait(false) is ControlClient client)
                {
                    found?.Dispose();
                    found = client;
                    running.Add(ControlSocketFolders.DeviceOf(path));
                }
            }
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException("another user's natt-tun cannot be asked: try again as root, with sudo");
        }

        if (running.Count == 1)
        {
            return found!;
        }

        found?.Dispose();
        throw new CommandException(running.Count == 0
            ? $"no natt-tun {(device is null ? "" : $"with device {device} ")}runs {Here}; start one with natt-tun --conf FILE"
            : $"several run {Here}: say --tun {string.Join(" or --tun ", running)}");
    }

    /// <summary>The device, if it is known, and where its socket may be.</summary>
    private (string? Device, string StateDirectory) Wanted()
    {
        if (options.Conf is not string file)
        {
            return (options.Tun, PeerConf.DefaultStateDirectory);
        }

        ConfResult result = ConfReader.Read(file, ConfFileAccess.Inspect);
        using PeerConf conf = result.Conf ?? throw new CommandException(string.Join('\n', result.Problems), ExitCode.ConfigurationError);
        return (conf.TunName, conf.StateDirectory);
    }
}
