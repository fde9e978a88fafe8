using NatT.Tunnel.State;

namespace NatT.Tunnel.Tests.State;

/// <summary>A store whose process can be killed and whose power can be cut; its commits happen only where somebody waits.</summary>
internal sealed class SimulatedMachine : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("natt-state-").FullName;
    private Guid _bootId = Guid.NewGuid();

    public SimulatedMachine()
    {
        Store = Start();
    }

    public SimulatedDisk Disk { get; } = new();

    public RecordingLogger Logger { get; } = new();

    public StateStore Store { get; private set; }

    public static AssociationFingerprint Fingerprint(int number) => new((UInt128)number);

    /// <summary>kill -9, and a new process.</summary>
    public void Kill()
    {
        Store.Dispose();
        Store = Start();
    }

    /// <summary>Only what was flushed is left, and the boot id is another.</summary>
    public void CutPower()
    {
        _bootId = Guid.NewGuid();
        Kill();
    }

    public void Dispose()
    {
        Store.Dispose();
        Disk.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private StateStore Start() =>
        new(_directory, held: null, Disk.Open(), TopsFile.Open(Path.Combine(_directory, "tops"), _bootId), Logger);
}
