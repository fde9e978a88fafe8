using NatT.Linux;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.DataPath;
using NatT.Tunnel.Diagnosis;

namespace NatT.Cli.Checks;

/// <summary>
/// Listens to the peers where no natt-tun runs: binds the port, without a device, and never sends. Ends early once every peer was heard.
/// </summary>
internal sealed class ListenCheck(ConfSet confs, ProcessConf process, Findings findings, int seconds)
{
    public void Run()
    {
        PeerParameters[] peers = [.. confs.Peers.SelectMany(PeerParameters.AllOf)];
        try
        {
            using UdpSocket socket = UdpSocket.Bind(process.BindAddress, process.BindPort, process.OuterInterface);
            var post = new ListeningPost(peers);
            findings.Note($"listening on UDP {socket.LocalEndpoint} for {seconds} s, without answering");
            Listen(socket, post);
            Report(post, peers, socket.LocalEndpoint);
        }
        catch (LinuxException e)
        {
            findings.Problem(e.Message);
        }
        finally
        {
            foreach (PeerParameters peer in peers)
            {
                peer.Inbound.Key.Dispose();
                peer.Outbound.Key.Dispose();
            }
        }
    }

    private void Listen(UdpSocket socket, ListeningPost post)
    {
        using var isOver = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        using CancellationTokenRegistration waking = isOver.Token.Register(socket.Wake);
        var datagrams = new PacketBatch(size: 34 * PacketBatch.LargestPacket);
        while (!isOver.IsCancellationRequested && post.Heard.Count < confs.Peers.Length)
        {
            datagrams.Clear();
            socket.Receive(datagrams);
            for (int i = 0; i < datagrams.Count; i++)
            {
                OuterEndpoint source = datagrams[i].Remote;
                if (post.Take(datagrams.Packet(i), source) is string peer)
                {
                    findings.Well($"peer {peer}: authentic packets come from {source}; whether fresh ones, natt-tun asks once it runs");
                }
            }
        }
    }

    private void Report(ListeningPost post, PeerParameters[] peers, OuterEndpoint local)
    {
        bool areAllHeard = post.Heard.Count == confs.Peers.Length;
        foreach (Mismatch mismatch in post.Mismatches)
        {
            findings.Add(mismatch.Text, isProblem: mismatch.IsProven || !areAllHeard);
        }

        if (post.Datagrams == 0)
        {
            findings.Problem(NothingCame(local));
            return;
        }

        foreach (PeerParameters peer in peers.DistinctBy(peer => peer.Name))
        {
            if (!post.Heard.Contains(peer.Name) && post.Mismatches.All(mismatch => mismatch.Peer != peer.Name))
            {
                findings.Problem(
                    $"peer {peer.Name}: none of {post.Datagrams} datagrams is its, under SPI 0x{peer.Inbound.Spi:x8}: see that it runs, "
                    + "and compare spi_in here with spi_out at its end");
            }
        }
    }

    /// <summary>What the far ends, or whatever is between, must be looked at for where nothing arrives.</summary>
    private string NothingCame(OuterEndpoint local) =>
        $"no datagram came to UDP {local} within {seconds} s: see that the far end runs, that it sends to an address and port of ours "
        + $"(remote_public_ip and remote_port there), and that no firewall or NAT keeps UDP port {local.Port} from this machine";
}
