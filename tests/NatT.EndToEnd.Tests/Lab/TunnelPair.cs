using System.Security.Cryptography;

namespace NatT.EndToEnd.Tests.Lab;

/// <summary>Two peers whose confs match, with fresh keys for each direction.</summary>
internal sealed class TunnelPair : IDisposable
{
    private static readonly TimeSpan HeardLimit = TimeSpan.FromSeconds(5);

    private readonly NetworkLab _lab;

    public TunnelPair()
        : this(NetworkLab.Direct())
    {
    }

    /// <summary>Takes over the lab.</summary>
    public TunnelPair(NetworkLab lab)
    {
        _lab = lab;
        A = new TestPeer("a", lab.A, new HostAddresses("10.77.0.1", "fd77::1"));
        B = new TestPeer("b", lab.B, new HostAddresses("10.77.0.2", "fd77::2"));
        A.Conf["remote_public_ip"] = lab.OuterOfB.V4;
        B.Conf["remote_public_ip"] = lab.OuterOfA.V4;
        A.Conf["remote_private_ip"] = B.Conf["local_private_ip"];
        B.Conf["remote_private_ip"] = A.Conf["local_private_ip"];
        GiveDirection(A, B, "0x0000a001");
        GiveDirection(B, A, "0x0000b001");
    }

    public TestPeer A { get; }

    public TestPeer B { get; }

    public static string RandomKey(int bytes) => $"0x{RandomNumberGenerator.GetHexString(2 * bytes, lowercase: true)}";

    /// <summary>Lets each reach the other by its outer IPv6 address.</summary>
    public TunnelPair OverIPv6()
    {
        A.Conf["remote_public_ip"] = _lab.OuterOfB.V6;
        B.Conf["remote_public_ip"] = _lab.OuterOfA.V6;
        return this;
    }

    /// <summary>Sets the key in both confs.</summary>
    public TunnelPair With(string key, string? value)
    {
        A.Conf[key] = value;
        B.Conf[key] = value;
        return this;
    }

    /// <summary>Gives both an AEAD, with fresh keys that both have records of.</summary>
    public TunnelPair WithAead(string suite)
    {
        With("suite", suite);
        GiveAeadKey(A.Conf, B.Conf);
        GiveAeadKey(B.Conf, A.Conf);
        A.MakeRecord();
        B.MakeRecord();
        return this;
    }

    /// <summary>Gives both a suite of AES-CBC with HMAC, with fresh keys for each direction.</summary>
    public TunnelPair WithHmac(string suite, int keySize)
    {
        With("suite", suite);
        GiveHmacKey(A.Conf, B.Conf, keySize);
        GiveHmacKey(B.Conf, A.Conf, keySize);
        return this;
    }

    /// <summary>A key and its salt for what one sends to the other, in place of what there was.</summary>
    public static void GiveAeadKey(PeerConfText sender, PeerConfText receiver)
    {
        string key = RandomKey(36);
        (sender["enc_out"], receiver["enc_in"]) = (key, key);
        (sender["auth_out"], receiver["auth_in"]) = (null, null);
    }

    /// <summary>Starts both, as the last words of <paramref name="through"/> where there are any, and waits until each has heard the other.</summary>
    public TunnelPair Start(params string[] through)
    {
        A.Start(through);
        B.Start(through);
        A.Process.WaitForLine("peer a is up", HeardLimit);
        B.Process.WaitForLine("peer b is up", HeardLimit);
        return this;
    }

    /// <summary>Pings both ways, IPv4 and IPv6: none may be lost.</summary>
    public void AssertPings() => Parallel.Invoke(
        () => AssertPings(A, B, B.Inner.V4),
        () => AssertPings(A, B, B.Inner.V6),
        () => AssertPings(B, A, A.Inner.V4),
        () => AssertPings(B, A, A.Inner.V6));

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
        _lab.Dispose();
    }

    private static void AssertPings(TestPeer from, TestPeer to, string address)
    {
        // For the last answer ping waits no longer than two round trips, which a busy machine outlasts: it is not judged.
        CommandResult ping = from.Ping(address, "-c", "6", "-i", "0.2");
        Assert.True(
            Enumerable.Range(1, 5).All(i => ping.Output.Contains($" icmp_seq={i} ", StringComparison.Ordinal)),
            $"{from.Name} to {to.Name}:\n{ping.Output}{ping.Error}\n{from.Name}:\n{from.Process.Log}\n{to.Name}:\n{to.Process.Log}");
    }

    private static void GiveHmacKey(PeerConfText sender, PeerConfText receiver, int size)
    {
        string key = RandomKey(size);
        (sender["auth_out"], receiver["auth_in"]) = (key, key);
    }

    private static void GiveDirection(TestPeer sender, TestPeer receiver, string spi)
    {
        Give("spi", spi);
        Give("enc", RandomKey(32));
        Give("auth", RandomKey(32));

        void Give(string key, string value)
        {
            sender.Conf[$"{key}_out"] = value;
            receiver.Conf[$"{key}_in"] = value;
        }
    }
}
