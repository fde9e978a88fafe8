using NatT.Benchmarks;

return args switch
{
    ["--quick"] => QuickTable.Print(),
    [QuickRound.Argument, string engine] => QuickRound.Serve(engine),
    _ => 2,
};
