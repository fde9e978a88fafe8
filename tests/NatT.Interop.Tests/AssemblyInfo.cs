using System.Runtime.Versioning;

// Several tunnels, captures and Python peers at once are too much for a small machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
