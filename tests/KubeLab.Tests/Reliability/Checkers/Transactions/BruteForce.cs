namespace KubeLab.Tests.Reliability.Checkers.Transactions;

/// <summary>Tries all serial orders of a few transactions.</summary>
internal static class BruteForce
{
    /// <summary>Whether a serial order explains all reads.</summary>
    /// <param name="history">The transactions.</param>
    /// <param name="isStrict">Whether the order must agree with time.</param>
    public static bool IsSerializable(KlOperation[] history, bool isStrict) =>
        Search([.. history.Where(operation => operation.Outcome != KlOutcome.Fail)], [], isStrict);

    private static bool Search(List<KlOperation> left, Dictionary<object, List<object?>> state, bool isStrict)
    {
        if (left.TrueForAll(operation => operation.Outcome == KlOutcome.Unknown))
            return true;
        foreach (var next in left)
        {
            // Those of unknown outcome may have had no effect, so that nobody has to wait for them.
            if (isStrict && left.Exists(other => other.Outcome == KlOutcome.Ok && other.End < next.Start))
                continue;
            var copy = state.ToDictionary(key => key.Key, key => key.Value.ToList());
            if (Apply(next, copy) && Search([.. left.Where(other => other != next)], copy, isStrict))
                return true;
        }
        return false;
    }

    private static bool Apply(KlOperation operation, Dictionary<object, List<object?>> state)
    {
        foreach (var step in Steps(operation))
        {
            var list = state.TryGetValue(step[1]!, out var found) ? found : state[step[1]!] = [];
            if (Equals(step[0], "append"))
                list.Add(step[2]);
            else if (operation.Outcome == KlOutcome.Ok && !list.SequenceEqual((IReadOnlyList<object?>)step[2]!))
                return false;
        }
        return true;
    }

    /// <summary>The steps of a transaction, with what they read if that is known.</summary>
    public static IEnumerable<IReadOnlyList<object?>> Steps(KlOperation operation) =>
        ((IReadOnlyList<object?>)(operation.Result ?? operation.Value)!).Cast<IReadOnlyList<object?>>();
}
