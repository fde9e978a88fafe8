using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace NatT.Crypto.Kernels;

/// <summary>HMAC-SHA-256 (RFC 2104, RFC 4868) of many packets of any lengths, as many at once as a vector has lanes.</summary>
/// <remarks>
/// A lane takes a packet through its whole blocks, then through the one or two that hold the rest and the padding; all lanes
/// run for as many blocks as the shortest has left; then it goes on, or takes the next packet. Inner digests wait until there
/// is one for every lane, then all get the outer hash, one block each, together. What lanes without a packet compute is discarded.
/// </remarks>
internal unsafe ref struct HmacSha256<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : ISha256Lanes<TVector>
{
    private const int BlockSize = Sha256Constants.BlockSize;
    private const int StateWords = Sha256Constants.StateWords;
    private const int BlockWords = Sha256Constants.BlockWords;
    private const int ScheduleWords = Sha256Constants.ScheduleWords;
    private const int TailSize = 2 * BlockSize;

    // State word i of lane n is the n-th word of vector i.
    private readonly TVector* _inner;
    private readonly TVector* _outer;
    private readonly TVector* _schedule;

    /// <summary>W of the outer hash's one block: inner digests first.</summary>
    private readonly TVector* _outerSchedule;

    private readonly byte** _messages;

    /// <summary>Blocks until the lane's message goes on elsewhere or ends.</summary>
    private readonly int* _blocksLeft;

    /// <summary>Blocks of the tail, where that is still to come.</summary>
    private readonly int* _tailBlocks;

    private readonly byte* _tails;

    /// <summary>Null where the lane has none.</summary>
    private readonly KernelPacket** _packets;

    private readonly KernelPacket** _waiting;
    private int _waitingCount;
    private KernelPacket* _next;
    private readonly KernelPacket* _end;

    private HmacSha256(KernelPacket* packets, int count, ref ScratchMemory scratch)
    {
        _next = packets;
        _end = packets + count;
        _inner = scratch.Take<TVector>(StateWords);
        _outer = scratch.Take<TVector>(StateWords);
        _schedule = scratch.Take<TVector>(ScheduleWords);
        _outerSchedule = scratch.Take<TVector>(ScheduleWords);
        _tails = scratch.Take<byte>(TailSize * TLanes.Count);
        _messages = (byte**)scratch.Take<nint>(TLanes.Count);
        _packets = (KernelPacket**)scratch.Take<nint>(TLanes.Count);
        _waiting = (KernelPacket**)scratch.Take<nint>(TLanes.Count);
        _blocksLeft = scratch.Take<int>(TLanes.Count);
        _tailBlocks = scratch.Take<int>(TLanes.Count);
        new Span<nint>(_packets, TLanes.Count).Clear();
    }

    /// <summary>Computes every packet's ICV into the packet's description. Longest first wastes the fewest lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ComputeIcvs(KernelPacket* packets, int count, ref ScratchMemory scratch)
    {
        byte* mark = scratch.Mark();
        new HmacSha256<TVector, TLanes>(packets, count, ref scratch).Run();
        scratch.Release(mark);
    }

    /// <summary>Absorbs whole blocks of one message, for the work that is done once a key.</summary>
    public static void Absorb(uint* state, byte* message, int blocks, ref ScratchMemory scratch)
    {
        byte* mark = scratch.Mark();
        TVector* lanes = scratch.Take<TVector>(StateWords);
        TVector* schedule = scratch.Take<TVector>(ScheduleWords);
        var messages = (byte**)scratch.Take<nint>(TLanes.Count);
        new Span<nint>(messages, TLanes.Count).Fill((nint)message);
        for (int i = 0; i < StateWords; i++)
        {
            lanes[i] = TLanes.Broadcast(state[i]);
        }

        Sha256<TVector, TLanes>.Absorb(lanes, messages, blocks, schedule);
        for (int i = 0; i < StateWords; i++)
        {
            state[i] = *(uint*)(lanes + i);
        }

        scratch.Release(mark);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run()
    {
        for (int lane = 0; lane < TLanes.Count && _next < _end; lane++)
        {
            Start(lane, _next++);
        }

        for (int blocks = Advance(0); blocks > 0; blocks = Advance(blocks))
        {
            Sha256<TVector, TLanes>.Absorb(_inner, _messages, blocks, _schedule);
        }

        FinishWaiting();
    }

    /// <summary>Takes note of blocks that were absorbed, and of where each lane goes on.</summary>
    /// <returns>How many blocks all busy lanes have now; 0 at the end.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Advance(int blocks)
    {
        int shortest = int.MaxValue;
        byte* readable = null;
        bool isLaneIdle = false;
        for (int lane = 0; lane < TLanes.Count; lane++)
        {
            if (_packets[lane] != null)
            {
                _messages[lane] += (nint)blocks * BlockSize;
                _blocksLeft[lane] -= blocks;
                if (_blocksLeft[lane] == 0)
                {
                    GoOn(lane);
                }
            }

            if (_packets[lane] == null)
            {
                isLaneIdle = true;
                continue;
            }

            shortest = Math.Min(shortest, _blocksLeft[lane]);
            readable = _messages[lane];
        }

        if (readable == null)
        {
            return 0;
        }

        if (isLaneIdle)
        {
            ReadAlong(readable);
        }

        return shortest;
    }

    /// <summary>Lanes without a packet need something to read.</summary>
    private readonly void ReadAlong(byte* readable)
    {
        for (int lane = 0; lane < TLanes.Count; lane++)
        {
            if (_packets[lane] == null)
            {
                _messages[lane] = readable;
            }
        }
    }

    /// <summary>From the message to its tail, or from the tail to the next packet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GoOn(int lane)
    {
        if (_tailBlocks[lane] > 0)
        {
            StartTail(lane);
            return;
        }

        Wait(lane);
        _packets[lane] = null;
        if (_next < _end)
        {
            Start(lane, _next++);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Start(int lane, KernelPacket* packet)
    {
        _packets[lane] = packet;
        for (int i = 0; i < StateWords; i++)
        {
            Word(_inner, i, lane) = packet->Keys->Inner[i];
        }

        _tailBlocks[lane] = packet->WriteTail(_tails + (lane * TailSize));
        _messages[lane] = packet->Start;
        _blocksLeft[lane] = packet->AuthenticatedLength / BlockSize;
        if (_blocksLeft[lane] == 0)
        {
            StartTail(lane);
        }
    }

    private readonly void StartTail(int lane)
    {
        _messages[lane] = _tails + (lane * TailSize);
        _blocksLeft[lane] = _tailBlocks[lane];
        _tailBlocks[lane] = 0;
    }

    /// <summary>Puts the lane's inner digest and outer state where the outer hash wants them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Wait(int lane)
    {
        KernelPacket* packet = _packets[lane];
        int place = _waitingCount++;
        _waiting[place] = packet;
        for (int i = 0; i < StateWords; i++)
        {
            Word(_outerSchedule, i, place) = Word(_inner, i, lane);
            Word(_outer, i, place) = packet->Keys->Outer[i];
        }

        if (_waitingCount == TLanes.Count)
        {
            FinishWaiting();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FinishWaiting()
    {
        if (_waitingCount == 0)
        {
            return;
        }

        _outerSchedule[StateWords] = TLanes.Broadcast(0x80000000);
        for (int i = StateWords + 1; i < BlockWords - 1; i++)
        {
            _outerSchedule[i] = TLanes.Broadcast(0);
        }

        _outerSchedule[BlockWords - 1] = TLanes.Broadcast((BlockSize + (StateWords * sizeof(uint))) * 8);
        Sha256<TVector, TLanes>.Compress(_outer, _outerSchedule);
        for (int place = 0; place < _waitingCount; place++)
        {
            var icv = (uint*)_waiting[place]->Icv;
            for (int i = 0; i < KernelPacket.LargestIcvSize / sizeof(uint); i++)
            {
                icv[i] = BinaryPrimitives.ReverseEndianness(Word(_outer, i, place));
            }
        }

        _waitingCount = 0;
    }

    private static ref uint Word(TVector* vectors, int index, int lane) => ref ((uint*)(vectors + index))[lane];
}
