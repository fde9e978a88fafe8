using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.Control;

namespace NatT.Cli.Privilege;

/// <summary>
/// The process that stays root where confs name a <c>user</c>: it starts another that moves the packets under that user's name, does
/// what that one may not (<see cref="ParentRequest"/>), and ends with it. It never sees a packet or a DNS answer,
/// and keys only while it reads the confs.
/// </summary>
internal sealed partial class PrivilegedParent(
    IReadOnlyCollection<string> paths, ConfSet confs, UserAccount user, ServiceNotification manager, ILogger logger)
{
    private const int SmallestMtu = 68;

    private static readonly DeviceNetwork Nothing = new([], []);

    /// <summary>What a shell calls the end by a signal: this and the signal's number.</summary>
    private const int KilledBySignal = 128;

    private readonly ProcessConf _process = confs.Process!;

    /// <summary>What the confs that the worker got last say.</summary>
    private DeviceNetwork _wanted = Nothing;

    /// <summary>What the device has.</summary>
    private DeviceNetwork _network = Nothing;

    internal delegate void SendPart(ReadOnlySpan<byte> part);

    /// <returns>The worker's exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        RequireReadable();
        StateDirectoryOwner.GiveTo(_process.StateDirectory, user);
        (Socket link, Process worker) = Start();
        using Socket ours = link;
        using Process started = worker;
        Confinement.Enter(logger);
        await using CancellationTokenRegistration stopping = stop.Register(() => ProcessLink.Signal(worker.Id, PosixSignal.SIGTERM));
        using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            ProcessLink.Signal(worker.Id, PosixSignal.SIGHUP);
        });
        await Task.Factory.StartNew(() => Serve(link), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)
            .ConfigureAwait(false);
        await worker.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        RemoveControlSocket();
        if (worker.ExitCode > KilledBySignal)
        {
            LogKilled(logger, worker.Id, worker.ExitCode - KilledBySignal);
        }

        return worker.ExitCode;
    }

    /// <summary>The worker loads what it is made of as it goes.</summary>
    private void RequireReadable()
    {
        foreach (string folder in new[] { AppContext.BaseDirectory, RuntimeEnvironment.GetRuntimeDirectory() })
        {
            if (!UserSwitch.RunAs(user, () => Directory.Exists(folder)))
            {
                throw new IOException($"user {user.Name} may not read {folder}, where natt-tun lies: install it where all may read it (./run-peer.sh install)");
            }
        }
    }

    private static (Socket Link, Process Worker) Start()
    {
        (Socket ours, SafeHandle theirs, int number) = ProcessLink.Create();
        using SafeHandle inherited = theirs;
        var start = new ProcessStartInfo(Environment.ProcessPath!) { UseShellExecute = false };
        string[] arguments = Environment.GetCommandLineArgs();
        bool isHosted = Path.GetFileName(Environment.ProcessPath) == "dotnet";
        foreach (string argument in isHosted ? arguments : arguments[1..])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment[ParentLink.Variable] = number.ToString(CultureInfo.InvariantCulture);
        start.Environment[RuntimeDiagnostics.Variable] = "0";
        start.Environment.Remove(ServiceNotification.Variable);
        try
        {
            return (ours, Process.Start(start)!);
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception)
        {
            ours.Dispose();
            throw new IOException($"cannot start another natt-tun: {e.Message}", e);
        }
    }

    /// <summary>Answers until the worker is no more.</summary>
    private void Serve(Socket link)
    {
        byte[] request = new byte[ParentLink.LongestMessage];
        try
        {
            for (int length; (length = link.Receive(request)) > 0;)
            {
                string? problem = Answer(request.AsSpan(0, length), part => Send(link, ParentAnswer.Part, part));
                Send(link, problem is null ? ParentAnswer.Done : ParentAnswer.Failed, Encoding.UTF8.GetBytes(problem ?? ""));
            }
        }
        catch (SocketException)
        {
            // It was killed between its request and our answer.
        }
    }

    private static void Send(Socket link, ParentAnswer kind, ReadOnlySpan<byte> octets)
    {
        byte[] message = GC.AllocateUninitializedArray<byte>(1 + Math.Min(octets.Length, ParentLink.LongestMessage - 1), pinned: true);
        message[0] = (byte)kind;
        octets[..(message.Length - 1)].CopyTo(message.AsSpan(1));
        link.Send(message);
        CryptographicOperations.ZeroMemory(message);
    }

    /// <summary>Does what is asked, and nothing that is not on the list.</summary>
    /// <param name="request">A message.</param>
    /// <param name="send">Sends a part of what was asked for.</param>
    /// <returns>Null, or what went wrong.</returns>
    internal string? Answer(ReadOnlySpan<byte> request, SendPart send)
    {
        var kind = (ParentRequest)request[0];
        ReadOnlySpan<byte> operand = request[1..];
        try
        {
            switch (kind)
            {
                case ParentRequest.ConfigureDevice when TryReadMtu(operand, out int mtu):
                    DeviceSetup.Apply(_process.TunName, _wanted, mtu);
                    _network = _wanted;
                    return null;
                case ParentRequest.SetDeviceMtu when TryReadMtu(operand, out int mtu):
                    DeviceSetup.ApplyMtu(_process.TunName, mtu);
                    return null;
                case ParentRequest.TellManager:
                    manager.PassOn(Encoding.UTF8.GetString(operand));
                    return null;
                default:
                    return operand.IsEmpty && TryAnswer(kind, send) ? null : "not on the list of requests";
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>The requests without operand; false for what is none.</summary>
    private bool TryAnswer(ParentRequest kind, SendPart send)
    {
        switch (kind)
        {
            case ParentRequest.ReadConfs:
                ReadConfs(send);
                return true;
            case ParentRequest.AddNetwork:
                Device().Add(_wanted.Except(_network));
                return true;
            case ParentRequest.KeepNewNetwork:
                Device().Remove(_network.Except(_wanted), _wanted);
                _network = _wanted;
                return true;
            case ParentRequest.KeepOldNetwork:
                Device().Remove(_wanted.Except(_network), _network);
                _wanted = _network;
                return true;
            case ParentRequest.RemoveControlSocket:
                RemoveControlSocket();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Sends the files as they are, and looks into them for addresses and routes alone.</summary>
    private void ReadConfs(SendPart send)
    {
        var problems = new List<ConfProblem>();
        List<ConfOctets> texts = [.. ConfSet.Fetch(paths, ConfFileAccess.Inspect, problems)];
        byte[] message = ConfMessage.Write(texts, problems, out int length);
        try
        {
            byte[] size = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(size, length);
            send(size);
            for (int sent = 0; sent < length; sent += ParentLink.LongestMessage - 1)
            {
                send(message.AsSpan(sent, Math.Min(ParentLink.LongestMessage - 1, length - sent)));
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(message);
            using ConfSet confs = ConfSet.Parse(texts, problems);
            _wanted = confs.IsValid ? DeviceNetwork.Of(confs.Peers) : _network;
        }
    }

    /// <summary>The device is the worker's, and one that somebody made beforehand it does not ask us to change.</summary>
    private KernelDeviceNetwork Device()
    {
        using var netlink = new RouteNetlink();
        int index = netlink.LinkIndex(_process.TunName) ?? throw new IOException($"device {_process.TunName} was removed while in use");
        return new KernelDeviceNetwork(index, isPersistent: netlink.FindLink(_process.TunName) is not { IsPersistent: false });
    }

    private static bool TryReadMtu(ReadOnlySpan<byte> operand, out int mtu) =>
        BinaryPrimitives.TryReadInt32LittleEndian(operand, out mtu) && operand.Length == sizeof(int) && mtu is >= SmallestMtu and <= ushort.MaxValue;

    // Of the places where it may be the first alone is root's to write to.
    private void RemoveControlSocket() =>
        ControlSocketFolders.Remove(ControlSocketFolders.OfThisProcess(_process.StateDirectory).PathsFor(_process.TunName).First());

    [LoggerMessage(Level = LogLevel.Error, Message = "the process that moves packets, {Pid}, was killed by signal {Signal}")]
    private static partial void LogKilled(ILogger logger, int pid, int signal);
}
