using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>What keygen makes, run as it is.</summary>
public sealed class KeygenTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("natt-keygen-").FullName;

    [NamespaceFact]
    public void Two_hosts_talk_over_the_confs_that_keygen_made_and_find_the_records_of_the_steps_it_printed()
    {
        using var lab = NetworkLab.Direct();
        string steps = Command.Run(
            NattTunProcess.Executable, "keygen", "--out", _folder, "--names", "a,b", "--here", lab.OuterOfA.V4,
            "--state-dir", Path.Combine(_folder, "state-a")).OutputOrFail();
        File.AppendAllText(Path.Combine(_folder, "b.conf"), $"state_dir = {Path.Combine(_folder, "state-b")}\n");
        string printed = Assert.Single(steps.Split('\n'), line => line.TrimStart().StartsWith("sudo natt-tun state init ", StringComparison.Ordinal));
        Assert.Equal("sudo natt-tun state init --conf b.conf", printed.Trim());

        lab.B.Run("sh", "-c", $"cd {_folder} && {NattTunProcess.Executable} state init --conf b.conf").OutputOrFail();

        using NattTunProcess a = Start(lab.A, "a");
        using NattTunProcess b = Start(lab.B, "b");
        a.WaitForLine("peer a is up");
        b.WaitForLine("peer b is up");
        lab.A.Run("ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", "10.77.0.2").OutputOrFail();
        lab.B.Run("ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", "fd77::1").OutputOrFail();
        foreach (NattTunProcess each in new[] { a, b })
        {
            Assert.False(each.Says("no record of these keys"), $"the record was not found:\n{each.Log}");
            Assert.False(each.Says("warning"), each.Log);
        }

        CommandResult beside = lab.A.Run(NattTunProcess.Executable, "state", "init", "--conf", Path.Combine(_folder, "a.conf"));
        Assert.Equal(
            (0, $"{Path.Combine(_folder, "a.conf")}: has a record in {Path.Combine(_folder, "state-a")}, left as it is\n", ""),
            (beside.ExitCode, beside.Output, beside.Error));
    }

    [NamespaceFact]
    public void Unless_told_otherwise_keygen_makes_its_record_in_the_state_dir_that_natt_tun_uses_by_itself()
    {
        string library = Path.Combine(_folder, "lib");
        Directory.CreateDirectory(library);

        Keygen(library).OutputOrFail();

        Assert.NotEqual(0, new FileInfo(Path.Combine(library, "natt-tun", "journal")).Length);
        Assert.DoesNotContain("state_dir", File.ReadAllText(Path.Combine(_folder, "here.conf")), StringComparison.Ordinal);
    }

    [NamespaceFact]
    public void User_who_may_not_write_there_gets_the_confs_and_the_line_to_run_as_root()
    {
        string library = Path.Combine(_folder, "lib");
        Directory.CreateDirectory(library);
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_111_111);

        CommandResult keygen = Keygen(library, "setpriv", "--reuid=12345", "--regid=12345", "--clear-groups");

        Assert.Equal(1, keygen.ExitCode);
        Assert.Matches(
            "(?m)^natt-tun keygen: no record for .*here.conf \\(state_dir /var/lib/natt-tun: .*denied; .*\\); once, before its keys are used, "
            + "run: sudo natt-tun state init --conf .*here.conf\n$",
            keygen.Error);
        Assert.True(File.Exists(Path.Combine(_folder, "out", "there.conf")), keygen.Error);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>With a folder of ours in the place of /var/lib.</summary>
    private CommandResult Keygen(string library, params string[] through)
    {
        string output = through.Length == 0 ? _folder : Path.Combine(_folder, "out");
        return Command.Run(
        [
            "unshare", "--mount", "sh", "-c", $"mount --bind {library} /var/lib && exec \"$@\"", "sh", .. through,
            NattTunProcess.Executable, "keygen", "--out", output,
        ]);
    }

    private NattTunProcess Start(NetworkNamespace host, string name)
    {
        var process = new NattTunProcess(host, NattTunProcess.Executable, "--conf", Path.Combine(_folder, $"{name}.conf"));
        process.WaitForLine("device natt0 is up");
        return process;
    }
}
