using NatT.EndToEnd.Tests.Lab;
using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Matrix;

namespace NatT.Kernel.Tests.Exports;

/// <summary>A peer of natt-tun that a kernel is, and a second one whose place in natt-tun the kernel takes.</summary>
internal sealed class ExportedPeer(KernelAlgorithm algorithm, int index)
{
    /// <summary>The matrix's, and those that are for compatibility alone.</summary>
    public static IReadOnlyList<KernelAlgorithm> Algorithms { get; } =
    [
        .. KernelAlgorithm.All.Where(algorithm => !algorithm.Suite.EndsWith("sha1", StringComparison.Ordinal)
            && !algorithm.Suite.EndsWith("sha384", StringComparison.Ordinal) && !algorithm.Suite.EndsWith("sha512", StringComparison.Ordinal)),
        new("HMAC-SHA-1-96", "aes-cbc-hmac-sha1", 32, 20, 96, ""),
        new("HMAC-SHA-384-192", "aes-cbc-hmac-sha384", 16, 48, 192, ""),
        new("HMAC-SHA-512-256", "aes-cbc-hmac-sha512", 24, 64, 256, ""),
    ];

    private readonly Dictionary<bool, (string ToKernel, string? AuthToKernel, string FromKernel, string? AuthFromKernel)> _keys = new()
    {
        [false] = Draw(algorithm),
        [true] = Draw(algorithm),
    };

    public string Name { get; } = $"peer{index}";

    public KernelAlgorithm Algorithm { get; } = algorithm;

    public HostAddresses Inner { get; } = new($"10.78.0.{index + 1}", $"fd78::{index + 1:x}");

    /// <summary>Every other value of each in turn, so that all occur.</summary>
    public bool IsOuterV6 { get; } = index % 2 == 1;

    private bool IsExtended { get; } = index % 3 == 1;

    private bool IsNonIke { get; } = index % 4 >= 2;

    private int Window { get; } = (index % 3) switch { 0 => 32, 1 => 1024, _ => 4096 };

    public string SpiToKernel(bool own) => $"0x{(own ? 0x30000 : 0x10000) + index:x8}";

    public string SpiFromKernel(bool own) => $"0x{(own ? 0x40000 : 0x20000) + index:x8}";

    /// <param name="own">Of the end that the kernel takes the place of, with inner addresses that nobody has.</param>
    public PeerConfText Conf(string stateDirectory, bool own)
    {
        var keys = _keys[own];
        var conf = new PeerConfText
        {
            ["local_private_ip"] = own ? $"10.80.0.{index + 1}" : $"{MatrixPeer.OwnInner.V4}, {MatrixPeer.OwnInner.V6}",
            ["remote_private_ip"] = own ? $"10.81.{index}.0/24, 10.82.{index}.7" : $"{Inner.V4}, {Inner.V6}",
            ["spi_out"] = SpiToKernel(own),
            ["spi_in"] = SpiFromKernel(own),
            ["enc_out"] = keys.ToKernel,
            ["enc_in"] = keys.FromKernel,
            ["auth_out"] = keys.AuthToKernel,
            ["auth_in"] = keys.AuthFromKernel,
            ["state_dir"] = stateDirectory,
        };
        foreach ((string key, string value) in Common())
        {
            conf[key] = value;
        }

        conf["remote_public_ip"] = IsOuterV6 ? KernelLab.OuterOfGuest.V6 : KernelLab.OuterOfGuest.V4;
        conf["remote_port"] = IsNonIke ? $"{MatrixPeer.NonIkePort}" : $"{MatrixPeer.Port}";
        return conf;
    }

    /// <summary>What an import for this end is to say, after an export for it.</summary>
    public Dictionary<string, string> ExpectedOfThisEnd()
    {
        Dictionary<string, string> expected = Keys(own: true, isMirrored: false);
        expected["remote_public_ip"] = IsOuterV6 ? KernelLab.OuterOfGuest.V6 : KernelLab.OuterOfGuest.V4;
        expected["remote_port"] = IsNonIke ? $"{MatrixPeer.NonIkePort}" : $"{MatrixPeer.Port}";
        expected["ori_local_port"] = $"{MatrixPeer.Port}";
        expected["local_private_ip"] = $"10.80.0.{index + 1}";
        expected["remote_private_ip"] = $"10.81.{index}.0/24, 10.82.{index}.7";
        return expected;
    }

    /// <summary>What an import at the kernel's end is to say, after an export for the far end.</summary>
    public Dictionary<string, string> ExpectedOfFarEnd()
    {
        Dictionary<string, string> expected = Keys(own: false, isMirrored: true);
        expected["remote_public_ip"] = IsOuterV6 ? KernelLab.OuterOfA.V6 : KernelLab.OuterOfA.V4;
        expected["remote_port"] = $"{MatrixPeer.Port}";
        expected["ori_local_port"] = IsNonIke ? $"{MatrixPeer.NonIkePort}" : $"{MatrixPeer.Port}";
        expected["local_private_ip"] = $"{Inner.V4}, {Inner.V6}";
        expected["remote_private_ip"] = $"{MatrixPeer.OwnInner.V4}, {MatrixPeer.OwnInner.V6}";
        return expected;
    }

    private Dictionary<string, string> Common() => new()
    {
        ["suite"] = Algorithm.Suite,
        ["icv_bits"] = $"{Algorithm.IcvBits}",
        ["espmode"] = IsNonIke ? MatrixRow.NonIke : "espinudp",
        ["esn"] = IsExtended ? "yes" : "no",
        ["replay_window"] = $"{Window}",
    };

    private Dictionary<string, string> Keys(bool own, bool isMirrored)
    {
        var keys = _keys[own];
        (string sent, string received) = isMirrored ? ("in", "out") : ("out", "in");
        Dictionary<string, string> expected = Common();
        expected[$"spi_{sent}"] = SpiToKernel(own);
        expected[$"spi_{received}"] = SpiFromKernel(own);
        expected[$"enc_{sent}"] = keys.ToKernel;
        expected[$"enc_{received}"] = keys.FromKernel;
        if (keys.AuthToKernel is not null)
        {
            expected[$"auth_{sent}"] = keys.AuthToKernel;
            expected[$"auth_{received}"] = keys.AuthFromKernel!;
        }

        return expected;
    }

    private static (string ToKernel, string? AuthToKernel, string FromKernel, string? AuthFromKernel) Draw(KernelAlgorithm algorithm)
    {
        (string encryption, string? authentication) = algorithm.DrawKeys();
        (string other, string? otherAuthentication) = algorithm.DrawKeys();
        return (encryption, authentication, other, otherAuthentication);
    }
}
