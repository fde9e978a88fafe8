namespace NatT.Cli;

/// <summary>The device, as its start left it.</summary>
/// <param name="Name">The interface's.</param>
/// <param name="Mtu">What all monitors were told; the device's own, unless somebody made it beforehand.</param>
/// <param name="ConfMtu">The conf's <c>mtu</c>, or null.</param>
/// <param name="IsPersistent">Whether somebody made it beforehand, whose its MTU is then.</param>
/// <param name="HasIPv6">Whether it has IPv6 addresses, which the kernel takes away below 1280 octets and never gives back.</param>
internal sealed record FollowedDevice(string Name, int Mtu, int? ConfMtu, bool IsPersistent, bool HasIPv6);
