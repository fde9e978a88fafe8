using NatT.Fuzz;

return new FuzzCommand(Console.Out).Run(args);
