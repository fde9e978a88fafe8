using NatT.Linux.Interop;

namespace NatT.Linux.Tests;

/// <summary>The filter's program, run by an interpreter: installed, it would hold for the other tests too.</summary>
public sealed class SystemCallFilterTests
{
    private const ulong ThreadFlags = 0x003D_0F00;
    private const ulong SignalOfChild = 17;
    private const ulong CLONE_NEWNET = 0x4000_0000;
    private const ulong CLONE_NEWNS = 0x0002_0000;
    private const int Allowed = 0;

    private static readonly (SystemCalls Calls, uint Read, uint Mmap, uint Setresuid, uint Execve, uint Ptrace)[] Architectures =
    [
        (SystemCalls.X64, 0, 9, 117, 59, 101),
        (SystemCalls.Arm64, 63, 222, 147, 221, 117),
    ];

    [Fact]
    public void What_a_data_plane_does_is_let_through()
    {
        foreach (var one in Architectures)
        {
            Assert.All([one.Read, one.Mmap, one.Setresuid], call => Assert.Equal(Allowed, Verdict(one.Calls, call)));
            Assert.All(one.Calls.Hot, call => Assert.Equal(Allowed, Verdict(one.Calls, call)));
            Assert.Equal(Allowed, Verdict(one.Calls, one.Calls.Cloning, ThreadFlags));
        }
    }

    [Fact]
    public void Other_programs_and_other_processes_memory_are_refused()
    {
        foreach (var one in Architectures)
        {
            Assert.Equal((int)Errno.EPERM, Verdict(one.Calls, one.Execve));
            Assert.Equal((int)Errno.EPERM, Verdict(one.Calls, one.Ptrace));
            Assert.All(one.Calls.Refused, call => Assert.Equal((int)Errno.EPERM, Verdict(one.Calls, call)));
            Assert.Distinct(one.Calls.Refused);
        }
    }

    [Fact]
    public void Threads_are_made_and_neither_processes_nor_namespaces()
    {
        foreach (var one in Architectures)
        {
            Assert.Equal((int)Errno.EPERM, Verdict(one.Calls, one.Calls.Cloning, SignalOfChild));
            Assert.Equal((int)Errno.EPERM, Verdict(one.Calls, one.Calls.Cloning, CLONE_NEWNET | SignalOfChild));
            Assert.Equal((int)Errno.EPERM, Verdict(one.Calls, one.Calls.Cloning, ThreadFlags | CLONE_NEWNS));
            Assert.Equal((int)Errno.ENOSYS, Verdict(one.Calls, SystemCalls.Clone3));
        }
    }

    [Theory]
    [InlineData(1, true)] // AF_UNIX
    [InlineData(2, true)] // AF_INET
    [InlineData(10, true)] // AF_INET6
    [InlineData(16, true)] // AF_NETLINK
    [InlineData(17, false)] // AF_PACKET
    [InlineData(38, false)] // AF_ALG
    [InlineData(40, false)] // AF_VSOCK
    public void Sockets_are_of_the_families_in_use(uint family, bool isAllowed)
    {
        foreach (var one in Architectures)
        {
            Assert.Equal(isAllowed ? Allowed : (int)Errno.EAFNOSUPPORT, Verdict(one.Calls, one.Calls.Socket, family));
        }
    }

    [Fact]
    public void Calls_by_another_architectures_numbers_are_refused()
    {
        const uint i386 = 0x4000_0003;
        const uint x32Read = 0x4000_0000;

        Assert.Equal((int)Errno.EPERM, Verdict(SystemCalls.X64, 0, architecture: i386));
        Assert.Equal((int)Errno.EPERM, Verdict(SystemCalls.X64, x32Read));
        Assert.Equal((int)Errno.EPERM, Verdict(SystemCalls.Arm64, 63, architecture: SystemCalls.X64.Audit));
    }

    /// <summary>0, or the errno that the call gets.</summary>
    private static int Verdict(SystemCalls calls, uint number, ulong firstArgument = 0, uint? architecture = null)
    {
        List<ulong> program = SystemCallFilter.Compile(calls);
        uint loaded = 0;
        for (int i = 0; ; i++)
        {
            uint operand = (uint)(program[i] >> 32);
            switch ((ushort)program[i])
            {
                case 0x20:
                    loaded = operand switch
                    {
                        0 => number,
                        4 => architecture ?? calls.Audit,
                        16 => (uint)firstArgument,
                        _ => throw new InvalidOperationException($"nothing at {operand}"),
                    };
                    break;
                case 0x15:
                    i += Skipped(program[i], loaded == operand);
                    break;
                case 0x35:
                    i += Skipped(program[i], loaded >= operand);
                    break;
                case 0x45:
                    i += Skipped(program[i], (loaded & operand) != 0);
                    break;
                case 0x06 when operand == 0x7FFF_0000:
                    return Allowed;
                case 0x06 when operand >> 16 == 5:
                    return (int)(operand & 0xFFFF);
                default:
                    throw new InvalidOperationException($"no such instruction: {program[i]:x16}");
            }
        }
    }

    private static int Skipped(ulong instruction, bool isTrue) => (int)(instruction >> (isTrue ? 16 : 24) & 0xFF);
}
