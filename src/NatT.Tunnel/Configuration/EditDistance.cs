namespace NatT.Tunnel.Configuration;

/// <summary>How far a word is from one that it may be a slip for.</summary>
internal static class EditDistance
{
    private const int MaxComparedLength = 64;

    /// <summary>Levenshtein's distance, two neighbours swapped counting as one edit: the commonest slip of the hand.</summary>
    public static int Between(string a, string b)
    {
        a = a[..Math.Min(a.Length, MaxComparedLength)];
        b = b[..Math.Min(b.Length, MaxComparedLength)];
        int[,] distance = new int[a.Length + 1, b.Length + 1];
        for (int i = 0; i <= a.Length; i++)
        {
            distance[i, 0] = i;
        }

        for (int j = 0; j <= b.Length; j++)
        {
            distance[0, j] = j;
        }

        for (int i = 1; i <= a.Length; i++)
        {
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = distance[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                int best = Math.Min(replaced, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    best = Math.Min(best, distance[i - 2, j - 2] + 1);
                }

                distance[i, j] = best;
            }
        }

        return distance[a.Length, b.Length];
    }
}
