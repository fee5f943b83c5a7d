namespace KubeLab.Tests.Reliability.Checkers.Linearizability;

/// <summary>Decides linearizability by trying all orders.</summary>
internal static class BruteForce
{
    public static bool IsLinearizable(IEnumerable<KlOperation> history) =>
        history.Where(operation => operation.Outcome != KlOutcome.Fail).GroupBy(operation => operation.Key).All(key => CanOrder([.. key], null));

    private static bool CanOrder(List<KlOperation> rest, object? state)
    {
        // What is unknown may have had no effect.
        if (rest.TrueForAll(operation => operation.Outcome == KlOutcome.Unknown))
            return true;
        return rest.Exists(next => !rest.Exists(other => other.Outcome == KlOutcome.Ok && other.End < next.Start)
            && Apply(next, state) is (true, var after) && CanOrder([.. rest.Where(other => other != next)], after));
    }

    private static (bool IsPossible, object? State) Apply(KlOperation operation, object? state)
    {
        var isKnown = operation.Outcome == KlOutcome.Ok;
        switch (operation.Function)
        {
            case "read":
                return (!isKnown || Equals(operation.Result, state), state);
            case "get":
                return (!isKnown || Equals(operation.Result ?? "", state ?? ""), state);
            case "write" or "put":
                return (true, operation.Value);
            case "append":
                return (true, $"{state}{operation.Value}");
            case "acquire":
                return (state is null, "held");
            case "release":
                return (state is not null, null);
            default:
                var pair = Assert.IsType<IReadOnlyList<object?>>(operation.Value, exactMatch: false);
                var isEqual = Equals(pair[0], state);
                return operation.Result is false ? (!isEqual, state) : (isEqual, pair[1]);
        }
    }
}
