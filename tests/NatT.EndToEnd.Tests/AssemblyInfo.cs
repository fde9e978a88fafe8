using System.Runtime.Versioning;

// Timings of one test must not depend on another; and two natt-tun at full load are enough for a small machine.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
