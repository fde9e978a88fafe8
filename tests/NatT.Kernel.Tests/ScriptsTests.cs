using NatT.Kernel.Tests.Guest;
using NatT.Kernel.Tests.Scripts;

namespace NatT.Kernel.Tests;

/// <summary>A deployment of static-ipsec-nat-t in which natt-tun takes one end's place, from the same conf and one line more.</summary>
public abstract class ScriptsTests<TLab>(TLab lab) : IClassFixture<TLab>
    where TLab : ScriptsLab
{
    [KernelFact]
    public void Pings_pass_in_both_directions() => lab.AssertEchoes();

    [KernelFact]
    public void Kernel_answers_the_probe_for_life() =>
        lab.NattTunMachine.Run("natt-tun", "probe").OutputOrFail();

    [KernelFact]
    public void Tunnel_survives_a_restart_of_natt_tun()
    {
        lab.StopNattTun();
        lab.StartNattTun();

        lab.WaitUntilItWorks();
        lab.AssertEchoes();
    }

    [KernelFact]
    public void Tunnel_survives_a_crash_of_natt_tun()
    {
        lab.KillNattTun();
        lab.StartNattTun();

        lab.WaitUntilItWorks();
        lab.AssertEchoes();
    }

    [KernelFact]
    public void Tunnel_survives_that_the_scripts_set_the_kernels_end_up_again()
    {
        lab.RestartKernelsEnd();

        lab.WaitUntilItWorks();
        lab.AssertEchoes();
    }
}
