using System.Runtime.CompilerServices;

// Every structure handed to the kernel has the kernel's own layout; nothing is converted on the way.
[assembly: DisableRuntimeMarshalling]
[assembly: InternalsVisibleTo("NatT.Linux.Tests")]
