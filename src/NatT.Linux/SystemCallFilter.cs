using System.Runtime.InteropServices;
using NatT.Linux.Interop;

namespace NatT.Linux;

/// <summary>A seccomp filter over all threads: what moving packets has no use for, the kernel refuses from then on.</summary>
public static class SystemCallFilter
{
    // Classic BPF over struct seccomp_data: nr(4) arch(4) instruction_pointer(8) args(6 x 8). Both architectures are little-endian,
    // so the first word of an argument is its low half.
    private const uint Number = 0;
    private const uint Architecture = 4;
    private const uint FirstArgument = 16;

    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort JumpIfAtLeast = 0x35;
    private const ushort JumpIfAnyBit = 0x45;
    private const ushort Return = 0x06;

    private const uint Allow = 0x7FFF_0000;
    private const uint Refuse = 0x0005_0000;

    /// <summary>x32's numbers on x86-64 start here; nothing of ours is x32.</summary>
    private const uint X32 = 0x4000_0000;

    private const uint CLONE_THREAD = 0x0001_0000;

    /// <summary>CLONE_NEWTIME, NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.</summary>
    private const uint AnyNewNamespace = 0x7E02_0080;

    private static readonly uint[] Families = [Libc.AF_UNIX, Libc.AF_INET, Libc.AF_INET6, Libc.AF_NETLINK];

    /// <summary>Installs it. The calling thread must have renounced new privileges; with the filter all threads have.</summary>
    /// <returns>Null, or why there is none: a kernel, a sandbox or an architecture without.</returns>
    public static string? Install()
    {
        if (SystemCalls.OfThisMachine is not { } calls)
        {
            return $"the system calls of {RuntimeInformation.ProcessArchitecture} are not known";
        }

        ulong[] instructions = [.. Compile(calls)];
        GCHandle pinned = GCHandle.Alloc(instructions, GCHandleType.Pinned);
        try
        {
            var program = new FilterProgram { Length = (ushort)instructions.Length, Instructions = pinned.AddrOfPinnedObject() };

            // Before 5.16 kernels slow filtered threads down (spec_store_bypass_disable) unless told not to; before 4.17 they cannot be told.
            nint result = Install(calls, Libc.SECCOMP_FILTER_FLAG_TSYNC | Libc.SECCOMP_FILTER_FLAG_SPEC_ALLOW, program);
            if (result < 0 && Libc.LastError == Errno.EINVAL)
            {
                result = Install(calls, Libc.SECCOMP_FILTER_FLAG_TSYNC, program);
            }

            return result switch
            {
                0 => null,
                > 0 => $"thread {result} has another",
                _ => LinuxException.FromLastError("seccomp", "the kernel takes none").Message,
            };
        }
        finally
        {
            pinned.Free();
        }
    }

    private static nint Install(SystemCalls calls, nuint flags, in FilterProgram program) =>
        Libc.syscall((nint)calls.Seccomp, Libc.SECCOMP_SET_MODE_FILTER, flags, in program);

    /// <summary>The program, a struct sock_filter each.</summary>
    internal static List<ulong> Compile(SystemCalls calls)
    {
        ulong eperm = Instruction(Return, Refuse | (uint)Errno.EPERM);
        ulong allow = Instruction(Return, Allow);
        List<ulong> program =
        [
            Instruction(LoadWord, Architecture),
            Instruction(JumpIfEqual, calls.Audit, skipIfTrue: 1),
            eperm,
            Instruction(LoadWord, Number),
            Instruction(JumpIfAtLeast, X32, skipIfFalse: 1),
            eperm,
        ];
        foreach (uint call in calls.Hot)
        {
            program.AddRange([Instruction(JumpIfEqual, call, skipIfFalse: 1), allow]);
        }

        foreach (uint call in calls.Refused)
        {
            program.AddRange([Instruction(JumpIfEqual, call, skipIfFalse: 1), eperm]);
        }

        // libc then makes its threads by clone.
        program.AddRange([Instruction(JumpIfEqual, SystemCalls.Clone3, skipIfFalse: 1), Instruction(Return, Refuse | (uint)Errno.ENOSYS)]);
        program.AddRange(
        [
            Instruction(JumpIfEqual, calls.Cloning, skipIfFalse: 5),
            Instruction(LoadWord, FirstArgument),
            Instruction(JumpIfAnyBit, AnyNewNamespace, skipIfTrue: 1),
            Instruction(JumpIfAnyBit, CLONE_THREAD, skipIfTrue: 1),
            eperm,
            allow,
        ]);
        program.AddRange([Instruction(JumpIfEqual, calls.Socket, skipIfTrue: 1), allow, Instruction(LoadWord, FirstArgument)]);
        foreach (uint family in Families)
        {
            program.AddRange([Instruction(JumpIfEqual, family, skipIfFalse: 1), allow]);
        }

        program.Add(Instruction(Return, Refuse | (uint)Errno.EAFNOSUPPORT));
        return program;
    }

    /// <summary>struct sock_filter: code(2) jt(1) jf(1) k(4).</summary>
    private static ulong Instruction(ushort code, uint operand, byte skipIfTrue = 0, byte skipIfFalse = 0) =>
        code | ((ulong)skipIfTrue << 16) | ((ulong)skipIfFalse << 24) | ((ulong)operand << 32);
}
