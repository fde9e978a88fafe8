namespace NatT.Cli;

/// <summary>Arguments of <c>natt-tun probe</c>: the peers' names are its operands.</summary>
internal sealed class ProbeOptions : ControlOptions
{
    public override bool TakesOperands => true;
}
