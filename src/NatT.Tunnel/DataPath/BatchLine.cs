namespace NatT.Tunnel.DataPath;

/// <summary>A path's batches under way, which leave in the order they came, whoever did their cryptography. The path's thread owns it.</summary>
/// <remarks>
/// A batch goes to a helper only once another one has come behind it: with few packets the path's thread does all, and nobody is woken.
/// <code>
/// path's thread   take 1 | take 2 | take 3 | hand over 1 | take 4 | hand over 2 ...
/// helper                 | cipher 1 ...... | cipher 2 ........ | cipher 3 ...
/// </code>
/// </remarks>
internal sealed class BatchLine<TBatch>
    where TBatch : CipherWork
{
    /// <summary>Packets that take longer to seal or open than to look whether more of them wait.</summary>
    public const int WorthSharing = 32;

    private readonly CipherHelpers? _helpers;
    private readonly TBatch[] _batches;
    private int _oldest;
    private int _count;

    // The newest batch was not offered to the helpers yet.
    private bool _isNewestOurs;

    /// <param name="helpers">Null: there are none.</param>
    /// <param name="create">Makes an empty batch.</param>
    public BatchLine(CipherHelpers? helpers, Func<TBatch> create)
    {
        _helpers = helpers?.Count > 0 ? helpers : null;
        _batches = new TBatch[_helpers is null ? 1 : 2 * (_helpers.Count + 1)];
        for (int i = 0; i < _batches.Length; i++)
        {
            _batches[i] = create();
        }
    }

    public bool HasHelpers => _helpers is not null;

    public bool IsEmpty => _count == 0;

    public bool IsFull => _count == _batches.Length;

    /// <summary>The batch to fill next; there is one unless <see cref="IsFull"/>.</summary>
    public TBatch Next => At(_count);

    /// <summary>Whether the oldest batch can leave without a wait.</summary>
    public bool IsOldestDone => _count > 0 && At(0).IsDone;

    /// <summary>Takes <see cref="Next"/> in, and lets helpers have the one before it.</summary>
    public void Add()
    {
        if (_isNewestOurs)
        {
            _helpers!.Offer(At(_count - 1));
        }

        Next.Reset();
        _count++;
        _isNewestOurs = true;
    }

    /// <summary>Takes the oldest batch out, its cryptography done.</summary>
    public TBatch Finish()
    {
        TBatch oldest = At(0);
        if (_count > 1)
        {
            _helpers!.DoOffered(oldest);
        }

        if (!oldest.IsDone && _isNewestOurs)
        {
            // It is the oldest itself, or what there is to do while a helper has that.
            At(_count - 1).Do();
            _isNewestOurs = false;
        }

        oldest.Await();
        _oldest = (_oldest + 1) % _batches.Length;
        _count--;
        oldest.ThrowIfFailed();
        return oldest;
    }

    private TBatch At(int place) => _batches[(_oldest + place) % _batches.Length];
}
