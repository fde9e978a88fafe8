using NatT.Fuzz;
using NatT.Fuzz.Engine;

namespace NatT.Tunnel.Tests;

/// <summary>A little of what <c>tests/fuzz.sh</c> does for minutes, the same each time, and that it finds what there is to find.</summary>
public sealed class FuzzTests
{
    private const int Executions = 600;
    private const int ModelSteps = 1_000_000;

    public static TheoryData<string> Targets => [.. FuzzTargets.Names];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Nothing_that_must_hold_breaks_on_stored_inputs_and_the_first_mutations_of_them(string target)
    {
        var session = new FuzzSession(FuzzTargets.Create(target), seed: 1);

        session.Run(() => session.Executions < Executions);

        Assert.Empty(session.Findings.Select(finding => $"{Convert.ToHexString(finding.Input)} {finding.Text}"));
        Assert.InRange(session.Kept, 5, Executions);
    }

    [Fact]
    public void Replay_window_and_inferred_and_missing_numbers_are_those_of_a_set_of_all_numbers() =>
        Assert.Matches("^None [1-9].*TooOld [1-9].*Replayed [1-9].*SequenceZero [1-9]", ReplayWindowModel.Run(ModelSteps, seed: 1));

    [Fact]
    public void A_fault_behind_several_steps_is_found_shortened_and_told_once()
    {
        var session = new FuzzSession(new Riddle(allocates: 0), seed: 1);

        session.Run(() => session.Executions < 1_000_000 && session.Findings.Count == 0);
        long found = session.Executions;
        session.Run(() => session.Executions < 2 * found);

        Finding finding = Assert.Single(session.Findings);
        Assert.Equal("FUZZ"u8.ToArray(), finding.Input);
        Assert.NotNull(new FuzzSession(new Riddle(allocates: 0), seed: 2).TryOut(finding.Input));
    }

    [Fact]
    public void Memory_beyond_the_targets_bound_is_a_finding()
    {
        var session = new FuzzSession(new Riddle(allocates: 100_000), seed: 1);

        Assert.Contains("allocated", session.TryOut([])!.Text, StringComparison.Ordinal);
    }

    /// <summary>Breaks on four octets that chance alone would hardly put together; each that is right is a feature.</summary>
    private sealed class Riddle(int allocates) : IFuzzTarget
    {
        public string Name => "riddle";

        public int LongestInput => 64;

        public IEnumerable<byte[]> Seeds => [new byte[8]];

        public IReadOnlyList<byte[]> Words => [];

        public long MostAllocated(int inputLength) => 50_000;

        public void Run(ReadOnlySpan<byte> input, Features features)
        {
            GC.KeepAlive(new byte[allocates]);
            int right = input.CommonPrefixLength("FUZZ"u8);
            features.Add("right", right);
            Require.Holds(right < 4);
        }
    }
}
