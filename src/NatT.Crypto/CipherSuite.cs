using System.Security.Cryptography;

namespace NatT.Crypto;

/// <summary>
/// Seals and opens ESP packets, a batch a call, so that an implementation can work on many packets at once.
/// Packets of one batch may differ in length and in key.
/// </summary>
/// <remarks>
/// A packet lies as
/// <code>
/// +----------------+---------+-----------------------------------+-----+
/// | SPI, sequence  |   IV    | ciphertext: body, padding, trailer | ICV |
/// | 8 octets       | IvSize  | a multiple of BlockSize            |     |
/// +----------------+---------+-----------------------------------+-----+
/// </code>
/// (RFC 4303 §2). The caller writes header, IV and trailer; the suite encrypts and writes or checks the ICV.
/// A suite has no state of its own, and batches may be worked on side by side, also under one <see cref="CipherKey"/>.
/// </remarks>
public abstract class CipherSuite
{
    /// <summary>SPI and sequence number: authenticated, not encrypted.</summary>
    public const int HeaderSize = 8;

    /// <summary>As the conf's <c>suite</c> key names it.</summary>
    public abstract string Name { get; }

    /// <summary>What it runs on, for people: which kernels, or which library.</summary>
    public abstract string Engine { get; }

    /// <summary>Octets of IV in every packet.</summary>
    public abstract int IvSize { get; }

    /// <summary>The ciphertext's length is a multiple of this many octets.</summary>
    public abstract int BlockSize { get; }

    /// <summary>Lengths of ICV it has, in octets, the usual one first.</summary>
    public abstract IReadOnlyList<int> IcvSizes { get; }

    /// <summary>Expands keys for this suite. The caller keeps and wipes its own copies.</summary>
    /// <param name="encryption">The cipher's key.</param>
    /// <param name="authentication">The MAC's key.</param>
    /// <param name="icvSize">Octets of ICV.</param>
    /// <exception cref="ArgumentException">A length that the suite does not have.</exception>
    public abstract CipherKey CreateKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, int icvSize);

    /// <summary>
    /// Seals every job: reads bodies from <paramref name="source"/>, the rest of each packet from <paramref name="destination"/>,
    /// and leaves finished packets in <paramref name="destination"/>. The two may be the same memory if each body already
    /// lies at its place behind the IV; otherwise they must be apart.
    /// </summary>
    /// <exception cref="ArgumentException">A job whose ranges or key do not fit.</exception>
    public void Seal(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs)
    {
        foreach (ref readonly SealJob job in jobs)
        {
            int ciphertext = CheckPacket(destination.Length, job.Key, job.Offset, job.Length);
            if (job.BodyOffset < 0 || job.BodyLength < 0 || job.BodyLength > ciphertext || job.BodyLength > source.Length - job.BodyOffset)
            {
                throw new ArgumentException("A job's body lies outside its source or is longer than its ciphertext.", nameof(jobs));
            }
        }

        SealBatch(source, destination, jobs);
    }

    /// <summary>
    /// Checks every job's ICV in constant time and, where it is right, decrypts in place and sets <see cref="OpenJob.IsAuthentic"/>.
    /// A packet that fails keeps its octets.
    /// </summary>
    /// <exception cref="ArgumentException">A job whose range or key does not fit.</exception>
    public void Open(Span<byte> buffer, Span<OpenJob> jobs)
    {
        foreach (ref OpenJob job in jobs)
        {
            CheckPacket(buffer.Length, job.Key, job.Offset, job.Length);
            job.IsAuthentic = false;
        }

        OpenBatch(buffer, jobs);
    }

    /// <summary>
    /// Seals and opens a few packets of its own, so that what the JIT must compile is compiled before the first real one.
    /// Any thread may call it.
    /// </summary>
    public void WarmUp()
    {
        // Enough for every width of vector, and a batch of one for what is left of a larger one; short packets and long ones, for
        // which an engine may have kernels of their own.
        const int Packets = 17;
        const int LongBody = 640;
        const int ShortBody = 160;
        using CipherKey key = CreateKeyForWarmUp();
        int slot = LongBody + Overhead(key.IcvSize);
        byte[] buffer = new byte[Packets * slot];
        var sealJobs = new SealJob[Packets];
        var openJobs = new OpenJob[Packets];
        for (int i = 0; i < Packets; i++)
        {
            int offset = i * slot;
            int bodyLength = i == 0 ? ShortBody : LongBody;
            int length = bodyLength + Overhead(key.IcvSize);
            sealJobs[i] = new SealJob
            {
                Key = key,
                BodyOffset = offset + HeaderSize + IvSize,
                BodyLength = bodyLength,
                Offset = offset,
                Length = length,
            };
            openJobs[i] = new OpenJob { Key = key, Offset = offset, Length = length };
        }

        Seal(buffer, buffer, sealJobs);
        Open(buffer, openJobs);
        Seal(buffer, buffer, sealJobs.AsSpan(0, 1));
        Open(buffer, openJobs.AsSpan(0, 1));
    }

    /// <summary>
    /// Whether the packet's ICV would be right if it had <paramref name="icvSize"/> octets, for finding out what the sender has. Slow, and
    /// leaves packet and key as they are; false too for lengths that no such packet has.
    /// </summary>
    /// <param name="packet">SPI to ICV.</param>
    /// <param name="key">Of this suite, be its own ICV as long or not.</param>
    /// <param name="icvSize">One of <see cref="IcvSizes"/>.</param>
    /// <param name="sequenceHigh">Null without ESN.</param>
    public bool IsAuthentic(ReadOnlySpan<byte> packet, CipherKey key, int icvSize, uint? sequenceHigh)
    {
        ArgumentNullException.ThrowIfNull(key);
        int ciphertext = packet.Length - Overhead(icvSize);
        if (ciphertext <= 0 || ciphertext % BlockSize != 0)
        {
            return false;
        }

        return icvSize == key.IcvSize ? OpensUnder(packet, key, sequenceHigh) : HasIcvOf(icvSize, packet, key, sequenceHigh);
    }

    /// <summary>Octets of a packet besides its ciphertext.</summary>
    public int Overhead(int icvSize) => HeaderSize + IvSize + icvSize;

    /// <summary>A key that nobody uses, of the length most users do.</summary>
    protected abstract CipherKey CreateKeyForWarmUp();

    /// <summary><see cref="IsAuthentic"/> for another length than the key's; false where the suite has no other.</summary>
    protected virtual bool HasIcvOf(int icvSize, ReadOnlySpan<byte> packet, CipherKey key, uint? sequenceHigh) => false;

    /// <summary>Whether a copy of the packet can be opened.</summary>
    protected bool OpensUnder(ReadOnlySpan<byte> packet, CipherKey key, uint? sequenceHigh)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(packet.Length, pinned: true);
        packet.CopyTo(copy);
        OpenJob[] job = [new OpenJob { Key = key, Offset = 0, Length = copy.Length, SequenceHigh = sequenceHigh }];
        Open(copy, job);
        CryptographicOperations.ZeroMemory(copy);
        return job[0].IsAuthentic;
    }

    protected abstract void SealBatch(ReadOnlySpan<byte> source, Span<byte> destination, ReadOnlySpan<SealJob> jobs);

    protected abstract void OpenBatch(Span<byte> buffer, Span<OpenJob> jobs);

    private int CheckPacket(int bufferLength, CipherKey key, int offset, int length)
    {
        if (key is null || key.Suite != this)
        {
            throw new ArgumentException("A job's key belongs to another suite.", nameof(key));
        }

        int ciphertext = length - Overhead(key.IcvSize);
        if (offset < 0 || length < 0 || length > bufferLength - offset || ciphertext <= 0 || ciphertext % BlockSize != 0)
        {
            throw new ArgumentException("A job's packet lies outside its buffer or is no whole number of blocks.", nameof(length));
        }

        return ciphertext;
    }
}
