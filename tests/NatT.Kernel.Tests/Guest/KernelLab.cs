using System.Security.Cryptography;
using NatT.EndToEnd.Tests.Lab;

namespace NatT.Kernel.Tests.Guest;

/// <summary>A (192.0.2.1, 2001:db8::1) ═ tap ═ a kernel of its own (192.0.2.2, 2001:db8::2), without any xfrm state.</summary>
internal sealed class KernelLab : IDisposable
{
    public static readonly HostAddresses OuterOfA = new("192.0.2.1", "2001:db8::1");
    public static readonly HostAddresses OuterOfGuest = new("192.0.2.2", "2001:db8::2");

    public KernelLab()
    {
        string run = Environment.GetEnvironmentVariable("NATT_LAB") ?? "natt-e2e";
        A = new NetworkNamespace($"{run}-{RandomNumberGenerator.GetHexString(6, lowercase: true)}-a");
        try
        {
            Guest = new KernelGuest(A, NetworkLab.Outer);
        }
        catch
        {
            A.Dispose();
            throw;
        }

        A.Ip($"address add {OuterOfA.V4}/24 dev {NetworkLab.Outer}");
        A.Ip($"address add {OuterOfA.V6}/64 dev {NetworkLab.Outer} nodad");
        Guest.Ip([
            $"address add {OuterOfGuest.V4}/24 dev {KernelGuest.Device}",
            $"address add {OuterOfGuest.V6}/64 dev {KernelGuest.Device} nodad"]);
    }

    public NetworkNamespace A { get; }

    public KernelGuest Guest { get; }

    public void Dispose()
    {
        Guest.Dispose();
        A.Dispose();
    }
}
