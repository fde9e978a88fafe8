using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace NatT.Crypto.Kernels;

/// <summary>The keystreams of a group of packets: which block of which packet is in which lane.</summary>
/// <remarks>
/// First every packet's block 0, which holds its one-time key; lanes that those leave free, and all from then on, take the blocks
/// of the packets' texts, one packet behind the other. So no lane idles before the group's last, however short the packets are.
/// </remarks>
internal unsafe struct ChaCha20Streams<TVector, TLanes>
    where TVector : unmanaged
    where TLanes : struct, IChaCha20Lanes<TVector>
{
    private const int BlockSize = ChaCha20Blocks<TVector, TLanes>.BlockSize;
    private const int StateWords = ChaCha20Blocks<TVector, TLanes>.StateWords;
    private const int CounterRow = 12;

    private readonly ChaChaPacket* _end;
    private readonly ChaChaPacket** _lanes;
    private readonly uint* _counters;
    private readonly TVector* _state;
    private readonly TVector* _rows;
    private readonly byte* _keystream;

    /// <summary>The next block to find a lane.</summary>
    private ChaChaPacket* _packet;
    private uint _counter = 1;

    /// <summary>Lanes with blocks of texts.</summary>
    private int _firstLane;
    private int _lastLane;

    /// <param name="packets">At most one a lane.</param>
    /// <param name="count">How many.</param>
    /// <param name="scratch">Holds everything until the caller is done with the group.</param>
    public ChaCha20Streams(ChaChaPacket* packets, int count, ref ScratchMemory scratch)
    {
        _packet = packets;
        _end = packets + count;
        _firstLane = count;
        _lanes = (ChaChaPacket**)scratch.Take<nint>(TLanes.Count);
        _counters = scratch.Take<uint>(TLanes.Count);
        _state = scratch.Take<TVector>(StateWords);
        _rows = scratch.Take<TVector>(StateWords);
        _keystream = scratch.Take<byte>(TLanes.Count * BlockSize);

        // "expand 32-byte k".
        _state[0] = TLanes.Broadcast(0x61707865);
        _state[1] = TLanes.Broadcast(0x3320646E);
        _state[2] = TLanes.Broadcast(0x79622D32);
        _state[3] = TLanes.Broadcast(0x6B206574);
    }

    /// <summary>Gives every packet's MAC its one-time key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Start()
    {
        for (int lane = 0; lane < _firstLane; lane++)
        {
            _lanes[lane] = _packet + lane;
            _counters[lane] = 0;
        }

        FillLanes(_firstLane);
        Generate(isOnePacket: _firstLane == 1);
        for (int lane = 0; lane < _firstLane; lane++)
        {
            _lanes[lane]->Mac.Start(_keystream + (lane * BlockSize));
        }
    }

    /// <summary>Encrypts or decrypts every packet but forged ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Finish()
    {
        XorLanes();
        _firstLane = 0;
        while (true)
        {
            FillLanes(0);
            if (_lastLane == 0)
            {
                return;
            }

            // Packets come in order, so with the same one at both ends there is no other between them.
            Generate(isOnePacket: _lanes[0] == _lanes[_lastLane - 1]);
            XorLanes();
        }
    }

    /// <summary>Puts the next blocks into the lanes from <paramref name="lane"/> on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void FillLanes(int lane)
    {
        ChaChaPacket** lanes = _lanes;
        uint* counters = _counters;
        for (; lane < TLanes.Count && _packet < _end; _packet++, _counter = 1)
        {
            int blocks = _packet->IsForged ? 0 : _packet->TextBlocks - (int)(_counter - 1);
            int end = lane + Math.Min(blocks, TLanes.Count - lane);
            ChaChaPacket* packet = _packet;
            uint counter = _counter;
            for (; lane < end; lane++, blocks--)
            {
                lanes[lane] = packet;
                counters[lane] = counter++;
            }

            if (blocks > 0)
            {
                _counter = counter;
                break;
            }
        }

        // What an idle lane computes nobody looks at.
        _lastLane = lane;
        for (; lane < TLanes.Count; lane++)
        {
            lanes[lane] = lanes[0];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Generate(bool isOnePacket)
    {
        TVector* ofPacket = _state + (StateWords - CounterRow);
        if (isOnePacket)
        {
            uint* words = _lanes[0]->State;
            for (int row = 0; row < CounterRow; row++)
            {
                ofPacket[row] = TLanes.Broadcast(words[row]);
            }
        }
        else
        {
            for (int row = 0; row < CounterRow; row += 4)
            {
                TLanes.LoadRows((byte**)_lanes, row * sizeof(uint), ofPacket + row);
            }
        }

        _state[CounterRow] = *(TVector*)_counters;
        ChaCha20Blocks<TVector, TLanes>.Generate(_state, _keystream, _rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void XorLanes()
    {
        for (int lane = _firstLane, next; lane < _lastLane; lane = next)
        {
            ChaChaPacket* packet = _lanes[lane];
            next = lane + 1;
            while (next < _lastLane && _lanes[next] == packet)
            {
                next++;
            }

            if (packet->IsForged)
            {
                continue;
            }

            // The trailer's plaintext is where its ciphertext goes.
            int start = (int)(_counters[lane] - 1) * BlockSize;
            int length = Math.Min((next - lane) * BlockSize, packet->TextLength - start);
            int ofBody = Math.Clamp(packet->BodyLength - start, 0, length);
            byte* keystream = _keystream + (lane * BlockSize);
            byte* text = packet->Text + start;
            Xor(packet->Body + start, keystream, text, ofBody);
            Xor(text + ofBody, keystream + ofBody, text + ofBody, length - ofBody);
        }
    }

    // SAFETY: all three have `length` octets; source and destination are the same or apart.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Xor(byte* source, byte* keystream, byte* destination, int length)
    {
        int done = 0;
        for (; done <= length - sizeof(TVector); done += sizeof(TVector))
        {
            *(TVector*)(destination + done) = TLanes.Xor(*(TVector*)(source + done), *(TVector*)(keystream + done));
        }

        for (; done <= length - sizeof(Vector128<byte>); done += sizeof(Vector128<byte>))
        {
            *(Vector128<byte>*)(destination + done) = *(Vector128<byte>*)(source + done) ^ *(Vector128<byte>*)(keystream + done);
        }

        for (; done <= length - sizeof(uint); done += sizeof(uint))
        {
            *(uint*)(destination + done) = *(uint*)(source + done) ^ *(uint*)(keystream + done);
        }

        for (; done < length; done++)
        {
            destination[done] = (byte)(source[done] ^ keystream[done]);
        }
    }
}
