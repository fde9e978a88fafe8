using NatT.Linux;
using NatT.Tunnel.Control;

namespace NatT.Cli.Privilege;

/// <summary>Those of this process, which keeps them.</summary>
internal sealed class OwnPrivileges : IPrivileges
{
    public T OpenAsUser<T>(Func<T> open) => open();

    public void Drop()
    {
    }

    public void ConfigureDevice(TunDevice device, DeviceNetwork network, int mtu) => DeviceSetup.Apply(device.Name, network, mtu);

    public void SetDeviceMtu(TunDevice device, int mtu) => DeviceSetup.ApplyMtu(device.Name, mtu);

    public IDeviceNetworkSetup NetworkOf(TunDevice device) => new KernelDeviceNetwork(device.InterfaceIndex, device.IsPersistent);

    public void RemoveControlSocket(string path) => ControlSocketFolders.Remove(path);
}
