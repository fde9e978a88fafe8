using System.Buffers.Binary;
using NatT.Linux;

namespace NatT.Cli.Privilege;

/// <summary>A worker's: given up before packets begin to move; what needs them afterwards its parent is asked for.</summary>
internal sealed class WorkerPrivileges(ParentLink parent, UserAccount user) : IPrivileges
{
    public T OpenAsUser<T>(Func<T> open) => UserSwitch.RunAs(user, open);

    public void Drop() => UserSwitch.Become(user);

    public void ConfigureDevice(TunDevice device, DeviceNetwork network, int mtu) => parent.Ask(ParentRequest.ConfigureDevice, Octets(mtu));

    public void SetDeviceMtu(TunDevice device, int mtu) => parent.Ask(ParentRequest.SetDeviceMtu, Octets(mtu));

    public IDeviceNetworkSetup NetworkOf(TunDevice device) => new ParentDeviceNetwork(parent, device.IsPersistent);

    public void RemoveControlSocket(string path) => parent.TryAsk(ParentRequest.RemoveControlSocket);

    private static byte[] Octets(int number)
    {
        byte[] octets = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(octets, number);
        return octets;
    }
}
