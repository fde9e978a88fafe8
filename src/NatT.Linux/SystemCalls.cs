using System.Runtime.InteropServices;

namespace NatT.Linux;

/// <summary>Numbers of the system calls that the filter speaks of, on one architecture.</summary>
/// <remarks>
/// Refused is what a program that moves packets has no use for and one that was taken over has: other programs, other processes'
/// memory, the kernel's own code and tables, mounts and namespaces, clocks, keyrings, and the interfaces with the longest record of
/// kernel bugs.
/// </remarks>
/// <param name="Audit">AUDIT_ARCH_*: how the kernel names the architecture.</param>
/// <param name="Seccomp">seccomp(2).</param>
/// <param name="Cloning">clone(2), with which threads are made, and processes.</param>
/// <param name="Socket">socket(2).</param>
/// <param name="Hot">Those of each batch, to be let through first: not every kernel keeps the filter's answers.</param>
/// <param name="Refused">Those refused whatever their arguments.</param>
internal sealed record SystemCalls(uint Audit, uint Seccomp, uint Cloning, uint Socket, uint[] Hot, uint[] Refused)
{
    /// <summary>clone3(2), the same everywhere; its flags are in memory, where a filter cannot look.</summary>
    public const uint Clone3 = 435;

    // perf_event and bpf apart, what came since 5.0 has one number everywhere: io_uring_*, open_tree, move_mount, fsopen, fsconfig,
    // fsmount, fspick, pidfd_getfd, mount_setattr, quotactl_fd.
    private static readonly uint[] RefusedEverywhere = [425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 443];

    public static SystemCalls X64 { get; } = new(
        Audit: 0xC000003E,
        Seccomp: 317,
        Cloning: 56,
        Socket: 41,

        // read, write, poll, writev, futex, sendmmsg, recvmmsg
        Hot: [0, 1, 7, 20, 202, 307, 299],
        Refused:
        [
            57, 58, 59, 322, // fork, vfork, execve, execveat
            101, 310, 311, 312, // ptrace, process_vm_readv, process_vm_writev, kcmp
            175, 313, 176, 174, 246, 320, 169, // init_module, finit_module, delete_module, create_module, kexec_load, kexec_file_load, reboot
            321, 298, 323, 300, 304, // bpf, perf_event_open, userfaultfd, fanotify_init, open_by_handle_at
            165, 166, 155, 161, 272, 308, 133, 259, // mount, umount2, pivot_root, chroot, unshare, setns, mknod, mknodat
            167, 168, 163, 179, 103, // swapon, swapoff, acct, quotactl, syslog
            164, 227, 159, 305, 170, 171, // settimeofday, clock_settime, adjtimex, clock_adjtime, sethostname, setdomainname
            248, 249, 250, // add_key, request_key, keyctl
            134, 153, 154, 172, 173, // uselib, vhangup, modify_ldt, iopl, ioperm
            .. RefusedEverywhere,
        ]);

    public static SystemCalls Arm64 { get; } = new(
        Audit: 0xC00000B7,
        Seccomp: 277,
        Cloning: 220,
        Socket: 198,

        // read, write, ppoll, writev, futex, sendmmsg, recvmmsg
        Hot: [63, 64, 73, 66, 98, 269, 243],
        Refused:
        [
            221, 281, // execve, execveat
            117, 270, 271, 272, // ptrace, process_vm_readv, process_vm_writev, kcmp
            105, 273, 106, 104, 294, 142, // init_module, finit_module, delete_module, kexec_load, kexec_file_load, reboot
            280, 241, 282, 262, 265, // bpf, perf_event_open, userfaultfd, fanotify_init, open_by_handle_at
            40, 39, 41, 51, 97, 268, 33, // mount, umount2, pivot_root, chroot, unshare, setns, mknodat
            224, 225, 89, 60, 116, // swapon, swapoff, acct, quotactl, syslog
            170, 112, 171, 266, 161, 162, // settimeofday, clock_settime, adjtimex, clock_adjtime, sethostname, setdomainname
            217, 218, 219, 58, // add_key, request_key, keyctl, vhangup
            .. RefusedEverywhere,
        ]);

    /// <summary>Null where this architecture's numbers are not known.</summary>
    public static SystemCalls? OfThisMachine => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => X64,
        Architecture.Arm64 => Arm64,
        _ => null,
    };
}
