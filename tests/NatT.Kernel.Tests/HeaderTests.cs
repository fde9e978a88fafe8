using System.Text.Json;
using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests;

/// <summary>Headers beside those that Linux makes: equal but for what RFC 6040 and natt-tun's purpose want otherwise.</summary>
[Collection(MatrixTests.Name)]
public sealed class HeaderTests(MatrixSession session)
{
    private const int Ce = 3;
    private const int Ect0 = 2;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(300);
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Guest", "headers.py");

    [KernelTheory]
    [InlineData("IPv4", "IPv4")]
    [InlineData("IPv4", "IPv6")]
    [InlineData("IPv6", "IPv4")]
    [InlineData("IPv6", "IPv6")]
    public void Headers_are_those_of_Linux_but_for_the_intended_differences(string outer, string inner)
    {
        MatrixPeer peer = session.Await(MatrixSession.ForHeaders(outer));
        bool isOuterV4 = outer == "IPv4";

        Passage ours = FromNattTun(peer, inner);
        Passage kernels = FromKernel(peer, inner);

        for (int number = 0; number < CountOf(inner); number++)
        {
            (int trafficClass, bool dontFragment) = (number & 255, (number & 256) != 0);
            bool isCongested = (trafficClass & Ce) == Ce;
            Assert.Equal(new Outer(trafficClass, DontFragment: isOuterV4, 64, HasUdpChecksum: true, HasId: false), ours.Sent[number]);
            // Linux hides congestion that came from inside; copies DF; leaves the checksum out where IPv4 permits; numbers what may be cut.
            bool kernelDontFragment = isOuterV4 && (dontFragment || inner == "IPv6");
            Assert.Equal(
                new Outer(
                    isCongested ? trafficClass ^ Ce ^ Ect0 : trafficClass,
                    kernelDontFragment,
                    64,
                    HasUdpChecksum: !isOuterV4,
                    HasId: isOuterV4 && !kernelDontFragment),
                kernels.Sent[number]);
            Assert.Equal(new Inner(trafficClass, dontFragment), ours.Came[number]);
            Assert.Equal(new Inner(trafficClass, dontFragment), kernels.Came[number]);
        }
    }

    [KernelTheory]
    [InlineData("IPv4", "IPv4")]
    [InlineData("IPv4", "IPv6")]
    [InlineData("IPv6", "IPv4")]
    [InlineData("IPv6", "IPv6")]
    public void Congestion_on_the_way_is_passed_on_as_Linux_does_but_not_to_packets_that_cannot_carry_it(string outer, string inner)
    {
        MatrixPeer peer = session.Await(MatrixSession.ForHeaders(outer));
        const string Congested = """
            table inet congested {
                chain in {
                    type filter hook prerouting priority 0;
                    iifname "outer" udp dport 1100 ip ecn set ce
                    iifname "outer" udp dport 1100 ip6 ecn set ce
                }
                chain out {
                    type filter hook output priority 0;
                    oifname "outer" udp sport 1100 ip ecn set ce
                    oifname "outer" udp sport 1100 ip6 ecn set ce
                }
            }
            """;
        session.A.Run("nft", Congested).OutputOrFail();
        try
        {
            Passage ours = FromNattTun(peer, inner);
            Passage kernels = FromKernel(peer, inner);

            for (int number = 0; number < CountOf(inner); number++)
            {
                (int trafficClass, bool dontFragment) = (number & 255, (number & 256) != 0);
                bool canCarryMark = (trafficClass & Ce) != 0;
                Inner marked = new(canCarryMark ? trafficClass | Ce : trafficClass, dontFragment);
                Assert.Equal(marked, ours.Came[number]);
                // What cannot be marked must not arrive: RFC 6040, section 4.2.
                Assert.Equal(canCarryMark ? marked : null, kernels.Came.GetValueOrDefault(number));
            }
        }
        finally
        {
            session.A.Run("nft", "delete table inet congested").OutputOrFail();
        }
    }

    [KernelFact]
    public void Packets_longer_than_the_path_arrive_whole()
    {
        MatrixPeer peer = session.Await(MatrixSession.ForHeaders("IPv4"));

        session.AssertEchoes(peer, fromKernel: false, "1395-1480 2800 5000");
        session.AssertEchoes(peer, fromKernel: true, "1395-1480 2800 5000");
    }

    /// <summary>Traffic classes, those of IPv4 with and without DF, as <c>headers.py</c> numbers them.</summary>
    private static int CountOf(string inner) => inner == "IPv4" ? 512 : 256;

    private static (string Own, string Kernel) PairOf(MatrixPeer peer, string inner) =>
        inner == "IPv4" ? (MatrixPeer.OwnInner.V4, peer.Inner.V4) : (MatrixPeer.OwnInner.V6, peer.Inner.V6);

    private Passage FromNattTun(MatrixPeer peer, string inner)
    {
        (string own, string kernel) = PairOf(peer, inner);
        const string File = "/run/headers.json";
        session.Guest.Run("rm", "-f", File).OutputOrFail();
        session.Guest.Start("listening", "/usr/bin/python3", Script, "receive", own, kernel, File);
        CommandResult sent = session.A.Run(Limit, "/usr/bin/python3", Script, "send", NetworkLab.Outer, own, kernel);
        CommandResult? came = null;
        Wait.Until("the kernel got the last packet", Limit, () => (came = session.Guest.Run("cat", File)).Succeeded);
        return Passage.Read(sent.OutputOrFail(), came!.Output);
    }

    private Passage FromKernel(MatrixPeer peer, string inner)
    {
        (string own, string kernel) = PairOf(peer, inner);
        string file = Path.Combine(session.Folder, "headers.json");
        File.Delete(file);
        using var receiver = new BackgroundProcess("headers.py", session.A.Inside(
            "/usr/bin/python3", Script, "receive", kernel, own, file));
        receiver.WaitForLine("listening", Limit);
        CommandResult sent = session.Guest.Run(Limit, "/usr/bin/python3", Script, "send", KernelGuest.Device, kernel, own);
        receiver.WaitForExit(Limit);
        return Passage.Read(sent.OutputOrFail(), File.ReadAllText(file));
    }

    private sealed record Outer(int TrafficClass, bool DontFragment, int TimeToLive, bool HasUdpChecksum, bool HasId);

    private sealed record Inner(int TrafficClass, bool DontFragment);

    /// <summary>Of the packets that went from one end to the other, by number.</summary>
    private sealed record Passage(IReadOnlyDictionary<int, Outer> Sent, IReadOnlyDictionary<int, Inner> Came)
    {
        public static Passage Read(string sent, string came) => new(
            Parse(sent, row => new Outer(row[0].GetInt32(), row[1].GetBoolean(), row[2].GetInt32(), row[3].GetBoolean(), row[4].GetBoolean())),
            Parse(came, row => new Inner(row[0].GetInt32(), row[1].GetBoolean())));

        private static Dictionary<int, T> Parse<T>(string json, Func<JsonElement, T> read) =>
            JsonDocument.Parse(json).RootElement.EnumerateObject().ToDictionary(
                entry => int.Parse(entry.Name, System.Globalization.CultureInfo.InvariantCulture), entry => read(entry.Value));
    }
}
