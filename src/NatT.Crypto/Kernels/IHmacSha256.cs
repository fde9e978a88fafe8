namespace NatT.Crypto.Kernels;

/// <summary>HMAC-SHA-256 as a suite of kernels wants it.</summary>
internal unsafe interface IHmacSha256
{
    /// <summary>Computes every packet's ICV into its description.</summary>
    void ComputeIcvs(KernelPacket* packets, int count, ref ScratchMemory scratch);

    /// <summary>SHA-256 of so many whole blocks, from one state to the next: for the work that is done once a key.</summary>
    void Absorb(uint* state, byte* message, int blocks, ref ScratchMemory scratch);
}
