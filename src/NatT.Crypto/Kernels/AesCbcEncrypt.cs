using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>AES-CBC encryption of up to eight packets at once: a packet's blocks wait for each other, packets do not.</summary>
/// <remarks>
/// Each packet has a lane of its own. All lanes run for as many blocks as the shortest has left; then it takes the next packet.
/// Lanes without one, at the end, repeat what lane 0 does and store the same octets in the same places.
/// </remarks>
internal unsafe ref struct AesCbcEncrypt<TRounds>
    where TRounds : struct, IAesRounds
{
    private const int Lanes = 8;
    private const int FewLanes = 4;
    private const int BlockSize = AesKeySchedule.BlockSize;

    private readonly int _rounds;

    /// <summary>Round keys: those of all lanes for round 0, then for round 1, and so on.</summary>
    private readonly Vector128<byte>* _roundKeys;

    /// <summary>The last block of ciphertext, to begin with the IV.</summary>
    private readonly Vector128<byte>* _chains;

    private readonly byte** _sources;
    private readonly byte** _destinations;

    /// <summary>Blocks until the source changes or the packet ends.</summary>
    private readonly int* _blocksLeft;

    /// <summary>Blocks behind those, whose plaintext is in the packet itself.</summary>
    private readonly int* _ownBlocks;

    /// <summary>Whose round keys the lane has.</summary>
    private readonly ExpandedKeys** _keys;

    private KernelPacket* _next;
    private readonly KernelPacket* _end;
    private int _active;

    /// <summary>Of the packets, those whose keys have as many rounds.</summary>
    private AesCbcEncrypt(KernelPacket* packets, int count, int rounds, ref ScratchMemory scratch)
    {
        _rounds = rounds;
        _next = packets;
        _end = packets + count;
        _roundKeys = scratch.Take<Vector128<byte>>(Lanes * (rounds + 1));
        _chains = scratch.Take<Vector128<byte>>(Lanes);
        _sources = (byte**)scratch.Take<nint>(Lanes);
        _destinations = (byte**)scratch.Take<nint>(Lanes);
        _blocksLeft = scratch.Take<int>(Lanes);
        _ownBlocks = scratch.Take<int>(Lanes);
        _keys = (ExpandedKeys**)scratch.Take<nint>(Lanes);
        new Span<nint>(_keys, Lanes).Clear();
    }

    /// <summary>Encrypts every packet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Encrypt(KernelPacket* packets, int count, ref ScratchMemory scratch)
    {
        // One round key schedule is not like another's: AES-128, -192 and -256 take turns.
        for (int rounds = 10; rounds <= 14; rounds += 2)
        {
            KernelPacket* first = packets;
            while (first < packets + count && first->Keys->Rounds != rounds)
            {
                first++;
            }

            if (first < packets + count)
            {
                byte* mark = scratch.Mark();
                new AesCbcEncrypt<TRounds>(first, (int)(packets + count - first), rounds, ref scratch).Run();
                scratch.Release(mark);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run()
    {
        while (_active < Lanes && TryStart(_active))
        {
            _active++;
        }

        while (_active > 0)
        {
            int blocks = _blocksLeft[0];
            for (int lane = 1; lane < _active; lane++)
            {
                blocks = Math.Min(blocks, _blocksLeft[lane]);
            }

            int width = _active <= FewLanes ? FewLanes : Lanes;
            for (int lane = _active; lane < width; lane++)
            {
                Copy(0, lane);
            }

            if (width == Lanes)
            {
                EncryptEight(_sources, _destinations, _chains, blocks, _roundKeys, _rounds);
            }
            else
            {
                EncryptFour(_sources, _destinations, _chains, blocks, _roundKeys, _rounds);
            }

            Advance(blocks);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Advance(int blocks)
    {
        // Downwards, so that the lane which fills a gap has been advanced already.
        for (int lane = _active - 1; lane >= 0; lane--)
        {
            _sources[lane] += (nint)blocks * BlockSize;
            _destinations[lane] += (nint)blocks * BlockSize;
            _blocksLeft[lane] -= blocks;
            if (_blocksLeft[lane] > 0)
            {
                continue;
            }

            if (_ownBlocks[lane] > 0)
            {
                _sources[lane] = _destinations[lane];
                _blocksLeft[lane] = _ownBlocks[lane];
                _ownBlocks[lane] = 0;
            }
            else if (!TryStart(lane))
            {
                _active--;
                if (lane != _active)
                {
                    Copy(_active, lane);
                }
            }
        }
    }

    private bool TryStart(int lane)
    {
        for (; _next < _end; _next++)
        {
            if (_next->Keys->Rounds == _rounds)
            {
                Start(lane, _next++);
                return true;
            }
        }

        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Start(int lane, KernelPacket* packet)
    {
        bool hasBody = packet->BodyBlocks > 0;
        _chains[lane] = Vector128.Load(packet->Iv);
        _destinations[lane] = packet->Ciphertext;
        _sources[lane] = hasBody ? packet->Body : packet->Ciphertext;
        _blocksLeft[lane] = hasBody ? packet->BodyBlocks : packet->Blocks;
        _ownBlocks[lane] = hasBody ? packet->Blocks - packet->BodyBlocks : 0;
        UseKeys(lane, packet->Keys);
    }

    private readonly void Copy(int from, int to)
    {
        _chains[to] = _chains[from];
        _destinations[to] = _destinations[from];
        _sources[to] = _sources[from];
        _blocksLeft[to] = _blocksLeft[from];
        _ownBlocks[to] = _ownBlocks[from];
        UseKeys(to, _keys[from]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void UseKeys(int lane, ExpandedKeys* keys)
    {
        if (_keys[lane] == keys)
        {
            return;
        }

        _keys[lane] = keys;
        for (int round = 0; round <= _rounds; round++)
        {
            _roundKeys[(round * Lanes) + lane] = Vector128.Load(keys->Encryption + (round * BlockSize));
        }
    }

    // SAFETY: each lane's source and destination have `blocks` blocks and are the same or apart; the lanes' destinations are
    // apart, or the lanes are the same in all. Every load of a block comes before every store.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncryptEight(
        byte** sources, byte** destinations, Vector128<byte>* chains, int blocks, Vector128<byte>* roundKeys, int rounds)
    {
        Vector128<byte> s0 = chains[0], s1 = chains[1], s2 = chains[2], s3 = chains[3];
        Vector128<byte> s4 = chains[4], s5 = chains[5], s6 = chains[6], s7 = chains[7];
        Vector128<byte>* lastKeys = roundKeys + (rounds * Lanes);
        nint end = (nint)blocks * BlockSize;
        for (nint offset = 0; offset < end; offset += BlockSize)
        {
            s0 ^= *(Vector128<byte>*)(sources[0] + offset) ^ roundKeys[0];
            s1 ^= *(Vector128<byte>*)(sources[1] + offset) ^ roundKeys[1];
            s2 ^= *(Vector128<byte>*)(sources[2] + offset) ^ roundKeys[2];
            s3 ^= *(Vector128<byte>*)(sources[3] + offset) ^ roundKeys[3];
            s4 ^= *(Vector128<byte>*)(sources[4] + offset) ^ roundKeys[4];
            s5 ^= *(Vector128<byte>*)(sources[5] + offset) ^ roundKeys[5];
            s6 ^= *(Vector128<byte>*)(sources[6] + offset) ^ roundKeys[6];
            s7 ^= *(Vector128<byte>*)(sources[7] + offset) ^ roundKeys[7];
            for (Vector128<byte>* keys = roundKeys + Lanes; keys < lastKeys; keys += Lanes)
            {
                s0 = TRounds.Encrypt(s0, keys[0]);
                s1 = TRounds.Encrypt(s1, keys[1]);
                s2 = TRounds.Encrypt(s2, keys[2]);
                s3 = TRounds.Encrypt(s3, keys[3]);
                s4 = TRounds.Encrypt(s4, keys[4]);
                s5 = TRounds.Encrypt(s5, keys[5]);
                s6 = TRounds.Encrypt(s6, keys[6]);
                s7 = TRounds.Encrypt(s7, keys[7]);
            }

            *(Vector128<byte>*)(destinations[0] + offset) = s0 = TRounds.EncryptLast(s0, lastKeys[0]);
            *(Vector128<byte>*)(destinations[1] + offset) = s1 = TRounds.EncryptLast(s1, lastKeys[1]);
            *(Vector128<byte>*)(destinations[2] + offset) = s2 = TRounds.EncryptLast(s2, lastKeys[2]);
            *(Vector128<byte>*)(destinations[3] + offset) = s3 = TRounds.EncryptLast(s3, lastKeys[3]);
            *(Vector128<byte>*)(destinations[4] + offset) = s4 = TRounds.EncryptLast(s4, lastKeys[4]);
            *(Vector128<byte>*)(destinations[5] + offset) = s5 = TRounds.EncryptLast(s5, lastKeys[5]);
            *(Vector128<byte>*)(destinations[6] + offset) = s6 = TRounds.EncryptLast(s6, lastKeys[6]);
            *(Vector128<byte>*)(destinations[7] + offset) = s7 = TRounds.EncryptLast(s7, lastKeys[7]);
        }

        chains[0] = s0;
        chains[1] = s1;
        chains[2] = s2;
        chains[3] = s3;
        chains[4] = s4;
        chains[5] = s5;
        chains[6] = s6;
        chains[7] = s7;
    }

    // SAFETY: as above, for lanes 0 to 3.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncryptFour(
        byte** sources, byte** destinations, Vector128<byte>* chains, int blocks, Vector128<byte>* roundKeys, int rounds)
    {
        Vector128<byte> s0 = chains[0], s1 = chains[1], s2 = chains[2], s3 = chains[3];
        Vector128<byte>* lastKeys = roundKeys + (rounds * Lanes);
        nint end = (nint)blocks * BlockSize;
        for (nint offset = 0; offset < end; offset += BlockSize)
        {
            s0 ^= *(Vector128<byte>*)(sources[0] + offset) ^ roundKeys[0];
            s1 ^= *(Vector128<byte>*)(sources[1] + offset) ^ roundKeys[1];
            s2 ^= *(Vector128<byte>*)(sources[2] + offset) ^ roundKeys[2];
            s3 ^= *(Vector128<byte>*)(sources[3] + offset) ^ roundKeys[3];
            for (Vector128<byte>* keys = roundKeys + Lanes; keys < lastKeys; keys += Lanes)
            {
                s0 = TRounds.Encrypt(s0, keys[0]);
                s1 = TRounds.Encrypt(s1, keys[1]);
                s2 = TRounds.Encrypt(s2, keys[2]);
                s3 = TRounds.Encrypt(s3, keys[3]);
            }

            *(Vector128<byte>*)(destinations[0] + offset) = s0 = TRounds.EncryptLast(s0, lastKeys[0]);
            *(Vector128<byte>*)(destinations[1] + offset) = s1 = TRounds.EncryptLast(s1, lastKeys[1]);
            *(Vector128<byte>*)(destinations[2] + offset) = s2 = TRounds.EncryptLast(s2, lastKeys[2]);
            *(Vector128<byte>*)(destinations[3] + offset) = s3 = TRounds.EncryptLast(s3, lastKeys[3]);
        }

        chains[0] = s0;
        chains[1] = s1;
        chains[2] = s2;
        chains[3] = s3;
    }
}
