using System.Runtime.InteropServices;
using NatT.Linux.Interop;

namespace NatT.Linux.Tests;

/// <summary>Takes rights from the calling thread alone, for good: for threads of <see cref="NetworkNamespace.Run"/>.</summary>
internal static partial class Privileges
{
    private const int CLONE_NEWNS = 0x20000;
    private const uint CapabilityVersion3 = 0x20080522;
    private const int PR_SET_SECCOMP = 22;
    private const nuint SeccompModeFilter = 2;
    private const uint SeccompErrno = 0x0005_0000;
    private const uint SeccompAllow = 0x7FFF_0000;
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfGreater = 0x25;
    private const ushort Return = 0x06;

    /// <summary>Leaves the thread without any capability, though still user root.</summary>
    public static void DropCapabilities()
    {
        uint[] header = [CapabilityVersion3, 0];
        uint[] none = new uint[6];
        Require(capset(header, none), "capset");
    }

    /// <summary>Gives the thread a /dev/net of its own, empty.</summary>
    public static void HideDeviceDirectory()
    {
        Require(unshare(CLONE_NEWNS), "unshare(CLONE_NEWNS)");

        // Without this the next line would reach the machine's own mounts.
        NetworkNamespace.Execute("mount", "--make-rprivate /");
        NetworkNamespace.Execute("mount", "-t tmpfs -o size=64k none /dev/net");
    }

    /// <summary>
    /// Lets every writev(2) of several pieces of this thread fail with EINVAL, as a TUN device does with merged packets of a kind
    /// that its kernel is too old for.
    /// </summary>
    /// <param name="evenOfOne">Those of one piece as well.</param>
    public static void RefuseGatheringWrites(bool evenOfOne = false)
    {
        uint writev = IsArm64 ? 66u : 20u;
        RefuseByThirdArgument(writev, JumpIfGreater, evenOfOne ? 0u : 1u, Errno.EINVAL);
    }

    /// <summary>
    /// Lets every sendmmsg(2) of a single message of this thread fail with EIO, as the kernel does with a run of datagrams towards
    /// a device that writes no checksums: a run alone is one message, its datagrams one by one are several.
    /// </summary>
    public static void RefuseSingleMessages()
    {
        uint sendmmsg = IsArm64 ? 269u : 307u;
        RefuseByThirdArgument(sendmmsg, JumpIfEqual, 1, Errno.EIO);
    }

    private static bool IsArm64 => RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static void RefuseByThirdArgument(uint call, ushort comparison, uint operand, Errno error)
    {
        // Offsets are into struct seccomp_data: the call's number, and the low half of its third argument.
        ulong[] filter = GC.AllocateUninitializedArray<ulong>(6, pinned: true);
        filter[0] = Instruction(LoadWord, 0);
        filter[1] = Instruction(JumpIfEqual, call, isNot: 3);
        filter[2] = Instruction(LoadWord, 32);
        filter[3] = Instruction(comparison, operand, isNot: 1);
        filter[4] = Instruction(Return, SeccompErrno | (uint)error);
        filter[5] = Instruction(Return, SeccompAllow);
        var program = new FilterProgram { Length = (ushort)filter.Length, Filter = Marshal.UnsafeAddrOfPinnedArrayElement(filter, 0) };
        Require(prctl(PR_SET_SECCOMP, SeccompModeFilter, in program), "prctl(PR_SET_SECCOMP)");
        GC.KeepAlive(filter);
    }

    /// <summary>A <c>struct sock_filter</c>.</summary>
    private static ulong Instruction(ushort code, uint operand, byte isNot = 0) => code | ((ulong)isNot << 24) | ((ulong)operand << 32);

    private static void Require(int result, string call)
    {
        if (result < 0)
        {
            throw new InvalidOperationException($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int capset([In] uint[] header, [In] uint[] sets);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nuint mode, in FilterProgram program);

    /// <summary>A <c>struct sock_fprog</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public nint Filter;
    }
}
