namespace NatT.Cli.Privilege;

/// <summary>Has a worker's parent change the device's addresses and routes: to those of the confs that it read last, or back.</summary>
/// <remarks>The parent knows which they are; from what is asked here it only learns which way to go.</remarks>
internal sealed class ParentDeviceNetwork(ParentLink parent, bool isPersistent) : IDeviceNetworkSetup
{
    public void Add(DeviceNetwork network)
    {
        if (!isPersistent)
        {
            parent.Ask(ParentRequest.AddNetwork);
        }
    }

    public void Remove(DeviceNetwork network, DeviceNetwork kept)
    {
        if (!isPersistent)
        {
            DeviceNetwork last = parent.Confs.Network;
            bool isNewKept = last.Except(kept).IsEmpty && kept.Except(last).IsEmpty;
            parent.Ask(isNewKept ? ParentRequest.KeepNewNetwork : ParentRequest.KeepOldNetwork);
        }
    }
}
