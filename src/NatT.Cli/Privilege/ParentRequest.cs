namespace NatT.Cli.Privilege;

/// <summary>
/// All that a worker can ask of its parent: a message's first octet. None of them names a file, a device or an address: the parent
/// knows them by the command line and the confs that it read last.
/// </summary>
internal enum ParentRequest : byte
{
    /// <summary>The conf files' octets, as they are by now.</summary>
    ReadConfs = 1,

    /// <summary>The device's MTU, which follows (four octets), and the addresses and routes of the confs read last.</summary>
    ConfigureDevice,

    /// <summary>The device's MTU, which follows (four octets).</summary>
    SetDeviceMtu,

    /// <summary>The addresses and routes that the confs read last have and the device has not.</summary>
    AddNetwork,

    /// <summary>The device is to have the addresses and routes of the confs read last, and no others.</summary>
    KeepNewNetwork,

    /// <summary>The device is to have those that it had before <see cref="AddNetwork"/>, and no others.</summary>
    KeepOldNetwork,

    /// <summary>The file of the device's control socket is to go.</summary>
    RemoveControlSocket,

    /// <summary>How we are doing, for the service manager: the lines of sd_notify(3) that follow.</summary>
    TellManager,
}
