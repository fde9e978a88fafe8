using System.Runtime.Versioning;

// One natt-tun is under attack, and whoever attacks it counts every packet.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
