using System.Globalization;
using BenchmarkDotNet.Running;
using NatT.Benchmarks;
using NatT.Benchmarks.Timing;

switch (args)
{
    case ["--quick"]:
        QuickTable.Print();
        return LadderTable.Print(iperfMbit: null) ? 0 : 1;
    case ["--ladder"]:
        return LadderTable.Print(iperfMbit: null) ? 0 : 1;
    case ["--ladder", LadderTable.IperfArgument, var mbit]:
        return LadderTable.Print(double.Parse(mbit, CultureInfo.InvariantCulture)) ? 0 : 1;
    case [RoundLine.Argument]:
        RoundLine.Print();
        return 0;
    case ["--peers"]:
        PeersTable.Print();
        return 0;
    case ["--peers-line"]:
        PeersTable.PrintLine();
        return 0;
    case ["--timing"]:
        return TimingTable.Print() ? 0 : 1;
    case [QuickRound.Argument]:
        QuickRound.Serve();
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(QuickTable).Assembly).Run(args.Length > 0 ? args : ["--filter", "*"]);
        return 0;
}
