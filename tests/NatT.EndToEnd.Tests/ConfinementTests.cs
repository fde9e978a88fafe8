using System.Text;
using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.EndToEnd.Tests;

/// <summary>What a running natt-tun has denied itself, and what it keeps from others. All cases look at one.</summary>
public sealed class ConfinementTests(SharedPair shared) : IClassFixture<SharedPair>
{
    private const string AskAsNobody =
        """
        import os, socket, sys
        os.chdir(sys.argv[1])
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(10)
        s.connect(sys.argv[2])
        print(s.makefile().readline(), end="")
        """;

    private static readonly string[] KeyNames = ["enc_in", "enc_out", "auth_in", "auth_out"];

    private LivingProcess Process => new(Pair.A.Process.Id);

    private TunnelPair Pair => shared.Pair;

    [NamespaceFact]
    public void Every_thread_gains_no_privileges_and_has_its_system_calls_filtered()
    {
        IReadOnlyList<(string Thread, string Value)> noNewPrivileges = Process.OfThreads("NoNewPrivs");
        IReadOnlyList<(string Thread, string Value)> filters = Process.OfThreads("Seccomp");

        using var status = JsonDocument.Parse(Pair.A.Ask("status", "--json").OutputOrFail());
        Assert.Contains(filters, thread => thread.Thread == "inbound path");
        Assert.All(noNewPrivileges, thread => Assert.Equal("1", thread.Value));
        Assert.All(filters, thread => Assert.Equal("2", thread.Value));
        Assert.True(status.RootElement.GetProperty("system_call_filter").GetBoolean());
    }

    [NamespaceFact]
    public void No_core_is_dumped_and_no_debugger_of_the_runtime_finds_a_way_in()
    {
        string limit = Process.Limit("Max core file size");
        string[] sockets = Directory.GetFiles(Path.GetTempPath(), $"*-{Process.Id}-*");

        Assert.Equal(["0", "0"], limit.Split(' ', StringSplitOptions.RemoveEmptyEntries)[..2]);
        Assert.DoesNotContain(sockets, file => file.Contains("dotnet-diagnostic", StringComparison.Ordinal) || file.Contains("clr-debug", StringComparison.Ordinal));
    }

    [NamespaceFact]
    public void Another_user_is_refused_by_the_control_socket_whatever_its_mode()
    {
        string socket = Pair.A.SocketOf(TestPeer.Device);
        Command.Run("chmod", "755", Path.GetDirectoryName(socket)!).OutputOrFail();
        Command.Run("chmod", "666", socket).OutputOrFail();

        CommandResult answer = Pair.A.Host.Run("/usr/bin/python3", "-c", AskAsNobody, Path.GetDirectoryName(socket)!, Path.GetFileName(socket));

        Assert.StartsWith("""{"error":"user 65534 may not ask this natt-tun""", answer.OutputOrFail(), StringComparison.Ordinal);
        Pair.A.Ask("status").OutputOrFail();
    }

    [NamespaceFact]
    public void Keys_are_in_no_output_and_the_memory_has_them_once_and_never_as_the_conf_wrote_them()
    {
        string[] keys = [.. KeyNames.Select(name => Pair.A.Conf[name]!["0x".Length..])];
        string said = string.Join(
            '\n', Pair.A.Process.Log, Pair.A.Ask("status", "--json").OutputOrFail(), Process.Read("cmdline"), Process.Read("environ"));

        int[] asText = Process.CountInMemory([.. keys.Select(Encoding.ASCII.GetBytes)]);
        int[] asOctets = Process.CountInMemory([.. keys.Select(Convert.FromHexString)]);

        Assert.All(keys, key => Assert.DoesNotContain(key, said, StringComparison.OrdinalIgnoreCase));
        Assert.Equal([0, 0, 0, 0], asText);

        // An expanded AES key begins, or ends, with the key; of an HMAC's only states are kept.
        Assert.Equal([1, 1, 0, 0], asOctets);
    }
}
