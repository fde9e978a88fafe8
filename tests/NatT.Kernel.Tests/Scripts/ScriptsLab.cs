using System.Security.Cryptography;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;

namespace NatT.Kernel.Tests.Scripts;

/// <summary>The sample of static-ipsec-nat-t with a natt-tun in the place of one end, and a kernel set up by the scripts' words as the other.</summary>
public abstract class ScriptsLab : IAsyncLifetime, IDisposable
{
    private const string Sample = "static-ipsec-nat-t";
    private const string Conf = "/etc/natt-tun/conf.d/peer.conf";

    /// <summary>Generous: a busy machine may be ten times slower.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private readonly List<NetworkNamespace> _networks = [];
    private readonly string _name =
        $"{Environment.GetEnvironmentVariable("NATT_LAB") ?? "natt-e2e"}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}";

    private Machine _machine = null!;
    private KernelGuest _guest = null!;
    private string[] _additions = [];
    private string _ownInner = "";
    private string _kernelInner = "";

    /// <summary>natt-tun's machine; its control socket is found from inside.</summary>
    internal Machine NattTunMachine => _machine;

    public string Log => $"natt-tun:\n{_machine.NattTun?.Log}\nkernel:\n{_guest.Run("ip", "-s", "xfrm", "state").Output}";

    /// <summary>Pings one by one, the answers' content compared.</summary>
    public void AssertEchoes()
    {
        const string Sizes = "0 1 56 1200";
        CommandResult fromHere = Echoes.Run(command => Command.Run(Limit, _machine.Inside(command)), _ownInner, _kernelInner, Sizes);
        Assert.True(fromHere.Succeeded, $"natt-tun to kernel: {fromHere.Error}\n{Log}");
        CommandResult fromThere = Echoes.Run(command => _guest.Run(command), _kernelInner, _ownInner, Sizes);
        Assert.True(fromThere.Succeeded, $"kernel to natt-tun: {fromThere.Error}\n{Log}");
    }

    /// <summary>The scripts ping from the kernel's end all the time; natt-tun does so by itself.</summary>
    public void WaitUntilItWorks() => Wait.Until($"a ping from the kernel is answered\n{Log}", Limit, () =>
        _guest.Run("ping", "-n", "-I", _kernelInner, "-c", "1", "-W", "1", _ownInner).Succeeded
        && _machine.Run("ping", "-n", "-c", "1", "-W", "1", _kernelInner).Succeeded);

    /// <summary>The scripts' <c>--restart</c>: all goes and comes again, and its sequence numbers start over.</summary>
    public void RestartKernelsEnd()
    {
        foreach (string addition in _additions)
        {
            _guest.Ip(ScriptsConf.DeletionOf(addition));
        }

        AddTunnel();
    }

    public void StopNattTun()
    {
        _machine.Run("natt-tun", "stop").OutputOrFail();
        _machine.NattTun!.WaitForExit(Limit);
    }

    /// <summary>As a crash or a power cut ends it.</summary>
    public void KillNattTun() => _machine.NattTun!.Dispose();

    public void StartNattTun() => _machine.Start(Conf);

    public Task InitializeAsync()
    {
        Lay();
        return Task.CompletedTask;
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _guest?.Dispose();
        _machine?.Dispose();
        foreach (NetworkNamespace network in _networks)
        {
            network.Dispose();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Hosts, links and both ends. Not in the constructor, for what one leaves half done nobody disposes of.</summary>
    protected abstract void Lay();

    internal NetworkNamespace AddNetwork(string name)
    {
        var network = new NetworkNamespace($"{_name}-{name}");
        _networks.Add(network);
        return network;
    }

    internal KernelGuest AddGuest(NetworkNamespace network, string tap) => _guest = new KernelGuest(network, tap);

    /// <summary>A natt-tun from the sample's file and one line more; the kernel's end in the scripts' words.</summary>
    internal void Start(NetworkNamespace network, string conf, ScriptsConf scripts, bool isScriptsEnd)
    {
        _additions = [.. isScriptsEnd ? scripts.Local() : scripts.Remote()];
        string local = scripts["local_private_ip"], remote = scripts["remote_private_ip"];
        (_kernelInner, _ownInner) = isScriptsEnd ? (local, remote) : (remote, local);
        _guest.Ip($"address add {_kernelInner}/32 dev lo");
        // What decapudp does.
        _guest.Encapsulate("0.0.0.0", 1100, Encapsulation.EspInUdpNonIke);
        AddTunnel();
        _machine = new Machine("natt", network);
        _machine.Install($"{Sample}/{conf}", Conf);
        _machine.Run("sh", "-c", $"echo 'compat = static-ipsec-nat-t' >> {Conf}").OutputOrFail();
        StartNattTun();
        WaitUntilItWorks();
    }

    private void AddTunnel()
    {
        foreach (string addition in _additions)
        {
            _guest.Ip(addition);
        }
    }
}
