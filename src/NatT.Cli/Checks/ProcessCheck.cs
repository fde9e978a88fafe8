using NatT.Cli.Privilege;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Peers;
using NatT.Tunnel.State;

namespace NatT.Cli.Checks;

/// <summary>What the process as a whole needs: clock, records, socket, device.</summary>
internal sealed class ProcessCheck(ProcessConf process, Findings findings)
{
    /// <summary>Room for the journal to grow and be rewritten.</summary>
    private const long LeastFreeOctets = 4 << 20;

    private const int FirstPlausibleYear = 2024;

    private UserAccount? _user;

    /// <summary>Whether there is the user that the confs name.</summary>
    public void CheckUser()
    {
        try
        {
            _user = ConfUser.Find(process);
            if (_user is not null)
            {
                findings.Well($"user {_user.Name} is there to move packets");
            }
        }
        catch (IOException e)
        {
            findings.Problem(e.Message);
        }
    }

    public void CheckClock(DateTimeOffset now)
    {
        if (now.Year < FirstPlausibleYear)
        {
            findings.Problem($"the clock says {now:yyyy-MM-dd}: sudo timedatectl set-ntp true, or set it by sudo date -s");
        }
    }

    /// <summary>Whether records can be kept, found out without making or locking any.</summary>
    public void CheckStateDirectory()
    {
        string path = process.StateDirectory;
        try
        {
            if (File.Exists(path))
            {
                findings.Problem($"state_dir {path} is a file: remove it, or name a folder as state_dir");
                return;
            }

            if (Directory.Exists(path))
            {
                StateDirectoryOwner.RequireOurs(path, _user);
                StateAccess.RequirePrivate(path);
            }

            string existing = NearestExisting(path);
            FolderAccess.RequireWritable(existing);
            long free = new DriveInfo(existing).AvailableFreeSpace;
            if (free < LeastFreeOctets)
            {
                findings.Problem(
                    $"state_dir {path}: only {free >> 10} KiB are free there; free some space, or set state_dir to a directory on another disk");
                return;
            }

            findings.Well(existing == path ? $"state_dir {path} is ours to write to" : $"state_dir {path} can be made");
        }
        catch (StateUnavailableException e)
        {
            findings.Problem(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            findings.Problem($"state_dir {path}: {e.Message}; or set another state_dir");
        }
    }

    /// <summary>Whether the peers that cannot start without a record have one.</summary>
    public void CheckRecords(IEnumerable<PeerConf> confs)
    {
        Dictionary<AssociationFingerprint, PeerConf> needing =
            confs.Where(NonceRecords.IsNeededBy).ToDictionary(conf => conf.Outbound.FingerprintAs(AssociationDirection.Outbound));
        if (needing.Count == 0)
        {
            return;
        }

        try
        {
            IReadOnlySet<AssociationFingerprint> missing = StateStore.FindMissing(process.StateDirectory, needing.Keys);
            foreach (AssociationFingerprint fingerprint in missing)
            {
                findings.Problem(NonceRecords.Complaint(needing[fingerprint], process.StateDirectory));
            }

            if (missing.Count == 0)
            {
                findings.Well("the records of sequence numbers are there that aes-gcm-16 and chacha20-poly1305 need");
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // CheckStateDirectory has the same reason to complain, and says it better.
        }
    }

    /// <summary>Port, address and interface, by binding to them for a moment.</summary>
    public void CheckSocket()
    {
        try
        {
            using UdpSocket socket = UdpSocket.Bind(process.BindAddress, process.BindPort, process.OuterInterface);
            findings.Well($"UDP {socket.LocalEndpoint} is free");
        }
        catch (LinuxException e)
        {
            findings.Problem(e.Message);
        }
    }

    public void CheckDevice()
    {
        try
        {
            bool isWaiting = TunDevice.RequireOpenable(process.TunName);
            findings.Well(isWaiting
                ? $"TUN device {process.TunName} is there and will be used as it was made"
                : $"TUN device {process.TunName} can be made");
        }
        catch (LinuxException e)
        {
            findings.Problem(e.Message);
        }
    }

    /// <summary>Who holds the records, or null.</summary>
    public string? FindHolder()
    {
        try
        {
            return StateStore.FindHolder(process.StateDirectory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // CheckStateDirectory has the same reason to complain, and says it better.
            return null;
        }
    }

    private static string NearestExisting(string path) =>
        Directory.Exists(path) ? path : NearestExisting(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(path)) ?? "/");
}
