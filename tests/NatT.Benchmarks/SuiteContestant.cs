using NatT.Crypto;

namespace NatT.Benchmarks;

/// <summary>A suite of ours.</summary>
internal sealed class SuiteContestant : IContestant
{
    /// <summary>The suites that are measured, on the fastest engine there is, by their names.</summary>
    public static readonly IReadOnlyDictionary<string, Func<CipherSuite>> Suites = new Dictionary<string, Func<CipherSuite>>
    {
        ["aes-cbc-hmac-sha256"] = AesCbcHmacSha256.Create,
        ["aes-gcm-16"] = AesGcm16.Create,
        ["chacha20-poly1305"] = ChaCha20Poly1305.Create,
    };

    private readonly Traffic _traffic;
    private readonly CipherSuite _suite;
    private readonly CipherKey[] _keys;
    private readonly SealJob[] _sealJobs;
    private readonly OpenJob[] _openJobs;

    public SuiteContestant(Traffic traffic, CipherSuite suite)
    {
        _traffic = traffic;
        _suite = suite;
        _keys = [.. traffic.Keys.Select(keys => suite is AeadSuite
            ? suite.CreateKey([.. keys.Encryption, .. Traffic.Salt], [], Traffic.IcvSize)
            : suite.CreateKey(keys.Encryption, keys.Authentication, Traffic.IcvSize))];
        _sealJobs = new SealJob[traffic.Lengths.Count];
        _openJobs = new OpenJob[traffic.Lengths.Count];
        for (int i = 0, body = 0, packet = 0; i < _sealJobs.Length; i++)
        {
            int length = traffic.Lengths[i] + suite.Overhead(Traffic.IcvSize);
            CipherKey key = _keys[Traffic.Association(i)];

            // The trailer of two octets is in the packet already; all else comes from the body.
            _sealJobs[i] = new SealJob
            {
                Key = key,
                BodyOffset = body,
                BodyLength = traffic.Lengths[i] - 2,
                Offset = packet,
                Length = length,
            };
            _openJobs[i] = new OpenJob { Key = key, Offset = packet, Length = length };
            body += traffic.Lengths[i];
            packet += length;
        }
    }

    public void Seal()
    {
        for (int i = 0; i < _sealJobs.Length; i += _traffic.BatchSize)
        {
            _suite.Seal(_traffic.Bodies, _traffic.Packets, _sealJobs.AsSpan(i, Math.Min(_traffic.BatchSize, _sealJobs.Length - i)));
        }
    }

    public void Open()
    {
        for (int i = 0; i < _openJobs.Length; i += _traffic.BatchSize)
        {
            _suite.Open(_traffic.Packets, _openJobs.AsSpan(i, Math.Min(_traffic.BatchSize, _openJobs.Length - i)));
        }

        if (!_openJobs[^1].IsAuthentic)
        {
            throw new InvalidOperationException("A packet that was just sealed does not open.");
        }
    }

    public void Dispose() => Array.ForEach(_keys, key => key.Dispose());
}
