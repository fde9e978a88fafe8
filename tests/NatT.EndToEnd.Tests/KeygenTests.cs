using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>What keygen makes, run as it is.</summary>
public sealed class KeygenTests
{
    [NamespaceFact]
    public void Two_hosts_talk_over_the_confs_that_keygen_made()
    {
        using var lab = NetworkLab.Direct();
        string folder = Directory.CreateTempSubdirectory("natt-keygen-").FullName;
        try
        {
            Command.Run(
                NattTunProcess.Executable, "keygen", "--out", folder, "--names", "a,b", "--here", lab.OuterOfA.V4,
                "--state-dir", Path.Combine(folder, "state-a")).OutputOrFail();
            File.AppendAllText(Path.Combine(folder, "b.conf"), $"state_dir = {Path.Combine(folder, "state-b")}\n");

            using NattTunProcess a = Start(lab.A, folder, "a");
            using NattTunProcess b = Start(lab.B, folder, "b");
            a.WaitForLine("peer a is up");
            b.WaitForLine("peer b is up");

            lab.A.Run("ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", "10.77.0.2").OutputOrFail();
            lab.B.Run("ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", "fd77::1").OutputOrFail();
            Assert.False(a.Says("no record of these keys"), $"keygen's record was not found:\n{a.Log}");
            Assert.True(b.Says("no record of these keys"), b.Log);
            Assert.False(a.Says("warning"), a.Log);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static NattTunProcess Start(NetworkNamespace host, string folder, string name)
    {
        var process = new NattTunProcess(host, NattTunProcess.Executable, "--conf", Path.Combine(folder, $"{name}.conf"));
        process.WaitForLine("device natt0 is up");
        return process;
    }
}
