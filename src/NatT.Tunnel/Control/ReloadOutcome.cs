using System.Collections.Immutable;
using NatT.Tunnel.Configuration;

namespace NatT.Tunnel.Control;

/// <summary>What became of a reload.</summary>
/// <param name="Problems">Why natt-tun goes on as it was; empty where it took the confs up.</param>
/// <param name="Changes">One line a change.</param>
public sealed record ReloadOutcome(ImmutableArray<string> Problems, ImmutableArray<string> Changes)
{
    /// <summary>What the confs say of the process as a whole, which no reload changes.</summary>
    public sealed class Process
    {
        private Process(IReadOnlyDictionary<string, string> texts) => Texts = texts;

        internal IReadOnlyDictionary<string, string> Texts { get; }

        /// <param name="confs">A valid set; not kept.</param>
        public static Process Of(ConfSet confs)
        {
            ArgumentNullException.ThrowIfNull(confs);
            return new Process(ProcessConf.TextsOf(confs.Peers));
        }
    }
}
