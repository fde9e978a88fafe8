using System.Collections.Immutable;
using NatT.Tunnel.Configuration;
using NatT.Tunnel.State;

namespace NatT.Tunnel.Peers;

/// <content>New SAs, whose first numbers are reserved in one flush.</content>
public sealed partial class PeerFactory
{
    /// <summary>Outbound records of SAs that are about to be made; what is not kept is given back unused.</summary>
    private sealed class OpenedPairs : IDisposable
    {
        private readonly PeerFactory _factory;
        private readonly Dictionary<KeyIdentity, (PeerConf Conf, OutboundRecord Record)> _records = [];
        private readonly List<AssociationPair> _taken = [];
        private bool _isKept;

        public OpenedPairs(PeerFactory factory, IEnumerable<(PeerConf Conf, AssociationConf Inbound, AssociationConf Outbound)> pairs)
        {
            _factory = factory;
            (PeerConf Conf, KeyIdentity Keys)[] all = [.. pairs.Select(pair => (pair.Conf, KeyIdentity.Of(pair.Inbound, pair.Outbound)))];
            ImmutableArray<OutboundRecord> records = factory._store.OpenOutbound([.. all.Select(pair => pair.Keys.Outbound)]);
            for (int i = 0; i < all.Length; i++)
            {
                _records.Add(all[i].Keys, (all[i].Conf, records[i]));
            }
        }

        public bool IsFirstUse(KeyIdentity keys) => _records[keys].Record.IsNew;

        /// <param name="inbound">Of the pair.</param>
        /// <param name="outbound">Of the pair.</param>
        /// <param name="isUnused">Without any record the keys are taken for new: the window starts at once, as nothing may be lost.</param>
        public AssociationPair Take(AssociationConf inbound, AssociationConf outbound, bool isUnused)
        {
            (PeerConf conf, OutboundRecord record) = _records[KeyIdentity.Of(inbound, outbound)];
            AssociationPair pair = _factory.Open(conf, inbound, outbound, record, isUnused);
            _taken.Add(pair);
            return pair;
        }

        public void Keep() => _isKept = true;

        public void Dispose()
        {
            if (_isKept)
            {
                return;
            }

            _factory._store.Close(
                _records.Values.Select(opened => (opened.Record, opened.Record.First)),
                _taken.Where(pair => pair.InboundRecord is not null && pair.Inbound.IsSynchronised)
                    .Select(pair => (pair.InboundRecord!, pair.Inbound.Top)));
            _taken.Where(pair => !pair.Inbound.IsSynchronised).ToList().ForEach(pair => pair.InboundRecord?.Abandon());
            _taken.ForEach(pair => pair.Dispose());
        }
    }
}
