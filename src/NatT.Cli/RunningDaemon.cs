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
        List<string> stale = [];
        ControlClient? found = null;
        try
        {
            foreach (string path in folders.FindAll())
            {
                string deviceThere = ControlSocketFolders.DeviceOf(path);
                ControlClient? client = await ControlClient.TryConnectAsync(path, cancellationToken).ConfigureAwait(false);
                if (client is null)
                {
                    stale.Add(path);
                    continue;
                }

                running.Add(deviceThere);
                if (deviceThere == device || (device is null && found is null))
                {
                    found = client;
                }
                else
                {
                    client.Dispose();
                }
            }
        }
        catch (UnauthorizedAccessException)
        {
            throw new CommandException("this user may not look for natt-tun: try again as root, with sudo");
        }

        if (found is not null && (device is not null || running.Count == 1))
        {
            return found;
        }

        found?.Dispose();
        throw new CommandException(Explain(device, running, stale));
    }

    private static string Explain(string? device, List<string> running, List<string> stale)
    {
        string choices = $"say --tun {string.Join(" or --tun ", running)}";
        if (device is null && running.Count > 1)
        {
            return $"several natt-tun run {Here}, {choices}";
        }

        string remedy = running.Count == 0 ? "; start one with natt-tun --conf FILE" : $", {choices}";
        return stale.Find(path => device is null || ControlSocketFolders.DeviceOf(path) == device) is string left
            ? $"no natt-tun runs for {ControlSocketFolders.DeviceOf(left)} {Here} "
                + $"(a stale socket was left by one that was killed: {left}; the next start replaces it){remedy}"
            : $"no natt-tun{(device is null ? "" : $" with device {device}")} runs {Here}{remedy}";
    }

    /// <summary>The device, if it is known, and where its socket may be.</summary>
    private (string? Device, string StateDirectory) Wanted()
    {
        if (!options.Conf.Any())
        {
            return (options.Tun, PeerConf.DefaultStateDirectory);
        }

        using ConfSet confs = ConfSet.Load(options.Conf, ConfFileAccess.Inspect);
        return confs.IsValid
            ? (confs.Process.TunName, confs.Process.StateDirectory)
            : throw new CommandException(string.Join('\n', confs.Problems), ExitCode.ConfigurationError);
    }
}
