namespace NatT.Fuzz.Engine;

/// <summary>Something of natt-tun's that takes octets from strangers, and what must hold whatever they are.</summary>
public interface IFuzzTarget
{
    /// <summary>As <c>tests/fuzz.sh --target</c> takes it, and the name of its folder in <c>Seeds</c>.</summary>
    string Name { get; }

    /// <summary>Octets.</summary>
    int LongestInput { get; }

    /// <summary>Inputs that reach far, to start from; those in the target's folder of <c>Seeds</c> come on top.</summary>
    IEnumerable<byte[]> Seeds { get; }

    /// <summary>Runs of octets that mean something here, for mutations to put in.</summary>
    IReadOnlyList<byte[]> Words { get; }

    /// <summary>Octets that a run may allocate.</summary>
    long MostAllocated(int inputLength);

    /// <summary>Throws where a property does not hold.</summary>
    /// <param name="input">Anything.</param>
    /// <param name="features">Gets what is remarkable about the run: inputs with new features are kept and mutated further.</param>
    void Run(ReadOnlySpan<byte> input, Features features);
}
