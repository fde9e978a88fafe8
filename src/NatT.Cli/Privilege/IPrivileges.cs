using NatT.Linux;

namespace NatT.Cli.Privilege;

/// <summary>What a natt-tun that moves packets does with more rights than that takes.</summary>
internal interface IPrivileges
{
    /// <summary>Opens what the user owns under whose name packets are moved.</summary>
    T OpenAsUser<T>(Func<T> open);

    /// <summary>Lets go of the rights that only the start needs.</summary>
    void Drop();

    /// <summary>Gives the device its MTU, and the addresses and routes of all peers.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    void ConfigureDevice(TunDevice device, DeviceNetwork network, int mtu);

    /// <exception cref="IOException">The kernel refuses.</exception>
    void SetDeviceMtu(TunDevice device, int mtu);

    /// <summary>Changes the device's addresses and routes later.</summary>
    IDeviceNetworkSetup NetworkOf(TunDevice device);

    /// <summary>Takes the control socket's file away.</summary>
    void RemoveControlSocket(string path);
}
