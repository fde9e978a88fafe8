using NatT.Tunnel.Control;
using NatT.Tunnel.Peers;

namespace NatT.Tunnel.Tests.Control;

public sealed class PeerAgendaTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void The_next_peer_is_always_one_that_no_other_is_due_before(int peers)
    {
        var random = new Random(peers);
        var agenda = new PeerAgenda(peers);
        TimeSpan[] due = [.. Enumerable.Repeat(TimeSpan.Zero, peers)];
        for (int i = 0; i < 5000; i++)
        {
            int peer = random.Next(2) == 0 ? agenda.Next : random.Next(peers);
            var time = TimeSpan.FromSeconds(random.Next(1000));
            if (random.Next(3) == 0)
            {
                agenda.Hasten(peer, time);
                due[peer] = time < due[peer] ? time : due[peer];
            }
            else
            {
                agenda.Set(peer, time);
                due[peer] = time;
            }

            Assert.Equal(due.Min(), agenda.NextDue);
            Assert.Equal(due.Min(), due[agenda.Next]);
        }
    }

    [Fact]
    public void Without_peers_nothing_is_ever_due() => Assert.Equal(TimeSpan.MaxValue, new PeerAgenda(0).NextDue);

    [Fact]
    public void Attention_is_asked_for_once_and_taken_once_from_each_peer()
    {
        int wakes = 0;
        var attention = new PeerAttention(130, () => wakes++);
        foreach (int peer in new[] { 129, 0, 63, 64, 129, 0 })
        {
            attention.Ask(peer);
        }

        var taken = new List<int>();
        for (int peer = 0; (peer = attention.Take(peer)) >= 0;)
        {
            taken.Add(peer);
        }

        Assert.Equal(4, wakes);
        Assert.Equal([0, 63, 64, 129], taken);
        Assert.Equal(-1, attention.Take(0));
    }
}
