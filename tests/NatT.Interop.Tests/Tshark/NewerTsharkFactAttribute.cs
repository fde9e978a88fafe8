namespace NatT.Interop.Tests.Tshark;

/// <summary>A test that needs a newer tshark than many machines have; skipped, with the reason, where none could be fetched.</summary>
internal sealed class NewerTsharkFactAttribute : FactAttribute
{
    public NewerTsharkFactAttribute()
    {
        Skip = NewerTshark.SkipReason;
    }
}
