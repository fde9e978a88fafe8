namespace NatT.EndToEnd.Tests.Lab;

/// <summary>A DNS server inside a namespace, and a resolv.conf there that names it.</summary>
internal sealed class NameServer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(5);
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Lab", "dns.py");

    private readonly string _zone = Path.GetTempFileName();
    private readonly string _settings;
    private readonly BackgroundProcess _server;

    /// <summary>Only what is started in <paramref name="ns"/> afterwards asks it.</summary>
    public NameServer(NetworkNamespace ns)
    {
        // ip netns exec lays what is there over /etc.
        _settings = $"/etc/netns/{ns.Name}";
        Directory.CreateDirectory(_settings);
        File.WriteAllText(Path.Combine(_settings, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
        _server = new BackgroundProcess($"dns.py in {ns.Name}", ns.Inside("/usr/bin/python3", Script, _zone));
        _server.WaitForLine("answering", StartLimit);
    }

    /// <summary>From now on that is all there is in the zone.</summary>
    public void Set(string name, string address) => File.WriteAllText(_zone, $"{name} {address}\n");

    public void Dispose()
    {
        _server.Dispose();
        File.Delete(_zone);
        Directory.Delete(_settings, recursive: true);
    }
}
