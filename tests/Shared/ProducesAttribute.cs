using NatT.Esp;

namespace NatT.Tests;

/// <summary>Marks the test that makes a packet die of <paramref name="reason"/>; <c>DropReasonTests</c> looks for one a reason.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ProducesAttribute(DropReason reason) : Attribute
{
    public DropReason Reason { get; } = reason;
}
