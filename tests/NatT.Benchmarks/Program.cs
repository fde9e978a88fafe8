using BenchmarkDotNet.Running;
using NatT.Benchmarks;

switch (args)
{
    case ["--quick"]:
        QuickTable.Print();
        break;
    case [QuickRound.Argument]:
        QuickRound.Serve();
        break;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(QuickTable).Assembly).Run(args.Length > 0 ? args : ["--filter", "*"]);
        break;
}
