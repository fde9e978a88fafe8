using System.Net;
using System.Net.Sockets;
using NatT.Bench.PlainTunnel;

// plain-tunnel DEVICE LOCAL REMOTE: the tunnel of every tutorial, as a yardstick. One thread a direction, one packet a system call,
// the platform's ChaCha20-Poly1305. It shares no code with natt-tun, or the yardstick would grow with what it measures.
const int LargestPacket = 65536;

string device = args[0];
IPEndPoint local = IPEndPoint.Parse(args[1]);
IPEndPoint remote = IPEndPoint.Parse(args[2]);

nint tun = TunQueue.Open(device);
using var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
socket.Bind(local);
socket.Connect(remote);

new Thread(SendAll) { IsBackground = true, Name = "out" }.Start();
ReceiveAll();

void SendAll()
{
    using var box = new PacketBox();
    var packet = new byte[LargestPacket];
    var datagram = new byte[LargestPacket];
    while (true)
    {
        int length = TunQueue.Read(tun, packet);
        int sealedLength = box.Seal(packet.AsSpan(0, length), datagram);
        try
        {
            socket.Send(datagram.AsSpan(0, sealedLength));
        }
        catch (SocketException)
        {
            // The other end does not listen yet.
        }
    }
}

void ReceiveAll()
{
    using var box = new PacketBox();
    var packet = new byte[LargestPacket];
    var datagram = new byte[LargestPacket];
    while (true)
    {
        int length;
        try
        {
            length = socket.Receive(datagram);
        }
        catch (SocketException)
        {
            continue;
        }

        if (box.TryOpen(datagram.AsSpan(0, length), packet, out int openedLength))
        {
            TunQueue.Write(tun, packet.AsSpan(0, openedLength));
        }
    }
}
