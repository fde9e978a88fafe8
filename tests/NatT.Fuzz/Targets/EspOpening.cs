using NatT.Crypto;
using NatT.Crypto.Kernels;
using NatT.Esp;
using NatT.Esp.Associations;
using NatT.Esp.Policies;
using NatT.Esp.Wire;
using NatT.Fuzz.Engine;
using NatT.Tunnel.Configuration;

namespace NatT.Fuzz.Targets;

/// <summary>
/// Packets that were sealed, damaged or made up, into one SA, whichever suite and engine: exactly those come out that were
/// sealed, unchanged, fresh and allowed, and nothing else touches the SA.
/// </summary>
/// <remarks>An input is suite and engine, ICV, flags, where the numbers start, and then steps; see <see cref="EspSteps"/>.</remarks>
public sealed class EspOpening : IFuzzTarget
{
    private const int IsExtended = 1;
    private const int IsOneByOne = 2;

    private static readonly int[] Windows = [32, 0, 64, 1024];

    private static readonly ulong[] Tops = [0, 1, 1000, uint.MaxValue - 40, uint.MaxValue, (1UL << 32) + 3, (5UL << 32) - 2];

    private static readonly CipherSuite[] Suites =
    [
        .. CipherSuites.All,
        AesCbcHmacSha256.Create(KernelTier.Portable), AesGcm16.Create(KernelTier.Portable), ChaCha20Poly1305.Create(KernelTier.Portable),
    ];

    private readonly Dictionary<(int Suite, int Icv), CipherKey> _keys = [];

    public string Name => "esp-opening";

    public int LongestInput => 1024;

    public IEnumerable<byte[]> Seeds
    {
        get
        {
            for (int suite = 0; suite < Suites.Length; suite++)
            {
                byte flags = (byte)suite;
                yield return [(byte)suite, 0, flags, 0, .. EspSteps.Exchange];
                yield return [(byte)suite, 1, (byte)(flags ^ 3), 3, .. EspSteps.Exchange];
            }
        }
    }

    public IReadOnlyList<byte[]> Words => EspSteps.Words;

    public long MostAllocated(int inputLength) => 16 << 20;

    public void Run(ReadOnlySpan<byte> input, Features features)
    {
        ArgumentNullException.ThrowIfNull(features);
        var choices = new Choices(input);
        int suite = choices.Below(Suites.Length);
        CipherKey key = KeyOf(suite, choices.Octet());
        int flags = choices.Octet();
        bool isExtended = (flags & IsExtended) != 0;
        int window = Windows[(flags >> 2) % Windows.Length];
        window = isExtended && window == 0 ? 32 : window;
        ulong top = Tops[choices.Below(Tops.Length)];
        top = isExtended || top < uint.MaxValue ? top : 0;
        top = window == 0 ? 0 : top;
        features.Add("association", suite, (flags & 3) + (4 * window));

        // Neither is disposed, as that would wipe the key, which later runs use again.
        var parameters = new SecurityAssociationParameters(EspSteps.Spi, key, isExtended);
        IEspReceiver receiver = (flags & IsOneByOne) != 0
            ? new OneByOneReceiver(new EspOpener(parameters, EspSteps.Policy, window, top))
            : new BatchReceiver(Synchronised(parameters, window, top));
        new EspSteps(parameters, receiver, new EspModel(window, top, isExtended), features).Run(choices, Math.Max(top, 1));
    }

    private static InboundSecurityAssociation Synchronised(SecurityAssociationParameters parameters, int window, ulong top)
    {
        var association = new InboundSecurityAssociation(parameters, window);
        association.SynchroniseAt(top);
        return association;
    }

    private CipherKey KeyOf(int index, int icvChoice)
    {
        CipherSuite suite = Suites[index];
        int icv = suite.IcvSizes[icvChoice % suite.IcvSizes.Count];
        if (!_keys.TryGetValue((index, icv), out CipherKey? key))
        {
            byte[] encryption = new byte[suite is AeadSuite aead ? aead.KeySizes[^1] + AeadSuite.SaltSize : 16];
            encryption.AsSpan().Fill((byte)(index + 1));
            key = suite.CreateKey(encryption, suite is AeadSuite ? [] : new byte[32], icv);
            _keys.Add((index, icv), key);
        }

        return key;
    }
}
