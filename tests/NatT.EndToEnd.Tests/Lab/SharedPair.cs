namespace NatT.EndToEnd.Tests.Lab;

/// <summary>Two peers for all tests of a class, started by the first that needs them.</summary>
public sealed class SharedPair : IDisposable
{
    private readonly Lazy<TunnelPair> _pair = new(() => new TunnelPair().Start());

    internal TunnelPair Pair => _pair.Value;

    public void Dispose()
    {
        if (_pair.IsValueCreated)
        {
            _pair.Value.Dispose();
        }
    }
}
