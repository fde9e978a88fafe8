using System.Security.Cryptography;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Cli;

/// <summary><c>natt-tun keygen --next FILE</c> and <c>--promote FILE</c>: new keys for a tunnel that runs.</summary>
/// <param name="command">What messages call it.</param>
/// <param name="file">A conf.</param>
internal sealed class NextKeysCommand(string command, string file)
{
    /// <summary>Adds next keys to the conf, and writes the other end's beside it.</summary>
    public int Add()
    {
        if (Read() is not PeerConf read)
        {
            return ExitCode.ConfigurationError;
        }

        using PeerConf conf = read;
        string other = Path.ChangeExtension(file, ".next");
        if (conf.NextInbound is not null)
        {
            return Refuse($"{file} has next keys already: natt-tun reload, and once they are in use, {command} --promote {file}");
        }

        if (Path.Exists(other))
        {
            return Refuse($"{other} is there already, with keys that the other end may need: bring it there, and remove it here");
        }

        using (ConfPair next = ConfPair.GenerateNext(conf, Entropy.Fill))
        {
            PrivateFile.Create(other, next.Second);
            Append(next.First);
            DirectorySync.Flush(Path.GetDirectoryName(Path.GetFullPath(file))!);
        }

        if (Read() is not PeerConf changed)
        {
            return ExitCode.ConfigurationError;
        }

        using (changed)
        {
            return Explain(changed, other);
        }
    }

    /// <summary>Makes the next keys the conf's only ones.</summary>
    public int Promote()
    {
        if (Read() is not PeerConf read)
        {
            return ExitCode.ConfigurationError;
        }

        using PeerConf conf = read;
        if (conf.NextInbound is null)
        {
            return Refuse($"{file} has no next keys");
        }

        byte[] octets = GC.AllocateUninitializedArray<byte>((int)new FileInfo(file).Length, pinned: true);
        try
        {
            using (FileStream stream = File.OpenRead(file))
            {
                stream.ReadExactly(octets);
            }

            using var promotion = new Promotion(octets);
            Overwrite(promotion.Octets);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }

        Console.Out.WriteLine($"{file} has the next keys as its only ones now: natt-tun reload, which changes nothing where they are in use");
        return ExitCode.Success;
    }

    private PeerConf? Read()
    {
        ConfResult result = ConfReader.Read(file, ConfFileAccess.Inspect);
        foreach (ConfProblem problem in result.Problems)
        {
            Console.Error.WriteLine(problem);
        }

        return result.Conf;
    }

    /// <summary>In place: its owner and mode are what natt-tun reads it by.</summary>
    private void Append(ReadOnlySpan<byte> lines)
    {
        using var stream = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        stream.Write(lines);
        stream.Flush(flushToDisk: true);
    }

    /// <summary>In place too, with a copy beside it until that is done.</summary>
    private void Overwrite(ReadOnlySpan<byte> octets)
    {
        string copy = file + ".promoted";
        PrivateFile.Create(copy, octets);
        using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.Read, bufferSize: 0))
        {
            stream.Write(octets);
            stream.SetLength(octets.Length);
            stream.Flush(flushToDisk: true);
        }

        File.Delete(copy);
    }

    private int Explain(PeerConf conf, string other)
    {
        string? whyNoRecord = MakeRecord(conf);
        string there = Path.GetFileName(other);
        Console.Out.WriteLine($"{file} has next keys now, and {other} the other end's, for your eyes alone");
        int step = 0;
        Console.Out.WriteLine($"{++step}. bring {other} to the other host in a safe way, such as scp, and delete it here");
        Console.Out.WriteLine($"{++step}. there: sudo sh -c 'cat {there} >> peer.conf', whatever the conf is called, and delete {there}");
        Console.Out.WriteLine($"{++step}. there, once: sudo natt-tun state init --conf peer.conf");
        Console.Out.WriteLine($"{++step}. on each host, in any order: sudo natt-tun reload");
        Console.Out.WriteLine($"{++step}. once natt-tun status shows no next keys at either end, on each: sudo natt-tun keygen --promote FILE, sudo natt-tun reload");
        return whyNoRecord is null ? ExitCode.Success : Refuse(
            $"no record for the next keys ({whyNoRecord}); before the reload, run: sudo natt-tun state init --conf {file}");
    }

    private string? MakeRecord(PeerConf conf)
    {
        try
        {
            UnusedKeys.MakeRecords(conf.StateDirectory, [conf], command, conf.TunName);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or StateLockedException or StateUnavailableException)
        {
            return e.Message;
        }
    }

    private int Refuse(string why)
    {
        Console.Error.WriteLine($"{command}: {why}");
        return ExitCode.MachineProblem;
    }
}
