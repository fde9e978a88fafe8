using System.Net.Sockets;
using System.Runtime.InteropServices;
using NatT.Tunnel.Control;

namespace NatT.Cli;

/// <summary>A verb that asks the running natt-tun: finds it, lets Ctrl-C end the verb, and makes one line of whatever goes wrong.</summary>
internal abstract class ControlCommand(ControlOptions options)
{
    public async Task<int> ExecuteAsync()
    {
        using var interrupted = new CancellationTokenSource();
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            interrupted.Cancel();
        });
        try
        {
            using ControlClient client = await new RunningDaemon(options).ConnectAsync(interrupted.Token).ConfigureAwait(false);
            return await RunAsync(client, interrupted.Token).ConfigureAwait(false);
        }
        catch (CommandException e) when (e.ExitCode == ExitCode.ConfigurationError)
        {
            // Lines about a conf begin with its name, as those of any compiler.
            Console.Error.WriteLine(e.Message);
            return e.ExitCode;
        }
        catch (Exception e) when (e is CommandException or IOException or SocketException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"natt-tun: {e.Message}");
            return ExitCode.MachineProblem;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.MachineProblem;
        }
    }

    /// <summary>Does what the verb is for and returns the exit code.</summary>
    protected abstract Task<int> RunAsync(ControlClient client, CancellationToken interrupted);

    /// <exception cref="CommandException">The answer is an error.</exception>
    protected static async Task<ControlAnswer> AskAsync(ControlClient client, ControlRequest request, CancellationToken cancellationToken)
    {
        ControlAnswer answer = await client.AskAsync(request, cancellationToken).ConfigureAwait(false);
        return answer.Error is string error ? throw new CommandException(error) : answer;
    }
}
