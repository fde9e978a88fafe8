namespace NatT.Cli;

/// <summary>The port to the addresses and routes of the TUN device while it runs.</summary>
internal interface IDeviceNetworkSetup
{
    /// <summary>Adds all of it, or nothing.</summary>
    /// <exception cref="IOException">Something cannot be added; the message has the remedy.</exception>
    void Add(DeviceNetwork network);

    /// <summary>Takes away what is there of it.</summary>
    /// <param name="network">What no peer needs any more.</param>
    /// <param name="kept">What is to be there afterwards: with an address the kernel may take others, and routes.</param>
    /// <exception cref="IOException">Something cannot be taken away.</exception>
    void Remove(DeviceNetwork network, DeviceNetwork kept);
}
