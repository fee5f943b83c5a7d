using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>A register that is nil at the beginning. A compare-and-set that answers false found another value.</summary>
internal sealed class RegisterCompiler(bool hasSwap) : ModelCompiler
{
    private readonly Dictionary<KeyedValue, int> _numbers = new(new ByValue()) { [new(null, null)] = 0 };

    public override (CallKind Kind, int A, int B)? Describe(KlOperation operation) => operation.Function switch
    {
        "read" or "get" => (CallKind.Read, NumberOf(operation.Result), 0),
        "write" or "put" => (CallKind.Write, 0, NumberOf(operation.Value)),
        "cas" when hasSwap && operation.Value is IReadOnlyList<object?> { Count: 2 } pair => (NumberOf(pair[0]), NumberOf(pair[1])) switch
        {
            var (a, b) when operation is { Outcome: KlOutcome.Ok, Result: false } => (CallKind.Differs, a, b),
            var (a, b) when a == b => (CallKind.Read, a, b),
            var (a, b) => (CallKind.Swap, a, b),
        },
        _ => null,
    };

    private int NumberOf(object? value)
    {
        var key = new KeyedValue(null, value);
        return _numbers.TryGetValue(key, out var number) ? number : _numbers[key] = _numbers.Count;
    }

    // A key of a dictionary must not be null.
    private sealed class ByValue : IEqualityComparer<KeyedValue>
    {
        public bool Equals(KeyedValue? x, KeyedValue? y) => ValueComparer.Instance.Equals(x?.Value, y?.Value);

        public int GetHashCode(KeyedValue obj) => ValueComparer.Instance.GetHashCode(obj.Value);
    }
}
