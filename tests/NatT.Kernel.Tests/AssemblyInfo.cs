using System.Runtime.Versioning;

// Several tunnels and guests at once are too much for a small machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
