namespace KubeLab.Tests.Reliability.Checkers.Transactions;

/// <summary>What a simulated store guarantees.</summary>
public enum Guarantee
{
    /// <summary>Each transaction takes effect at once, between its call and its end.</summary>
    Strict,

    /// <summary>Each transaction takes effect at once, at any time.</summary>
    Serializable,

    /// <summary>Each transaction reads a snapshot of its start. The first one to commit wins.</summary>
    Snapshot,

    /// <summary>Each read returns any version.</summary>
    Nothing,
}

/// <summary>Runs a few random transactions on two keys.</summary>
internal sealed class SimulatedStore
{
    private readonly Choices _choices;
    private readonly Guarantee _guarantee;
    private readonly List<Transaction> _transactions = [];
    private readonly Dictionary<string, List<long>> _state = new() { ["x"] = [], ["y"] = [] };

    private SimulatedStore(Guarantee guarantee, Choices choices)
    {
        (_guarantee, _choices) = (guarantee, choices);
        var (last, count) = (0L, 2 + choices.Next(4));
        for (var number = 0; number < count; number++)
        {
            var steps = Enumerable.Range(0, 1 + choices.Next(3)).Select(_ => (choices.Next(["x", "y"]), choices.OneIn(2) ? (long?)null : ++last));
            _transactions.Add(new([.. steps], choices.Next(8) switch { 0 => KlOutcome.Unknown, 1 => KlOutcome.Fail, _ => KlOutcome.Ok }));
        }
    }

    /// <summary>Returns a history.</summary>
    public static KlOperation[] Run(Guarantee guarantee, Choices choices)
    {
        SimulatedStore store = new(guarantee, choices);
        store.Schedule();
        if (guarantee is Guarantee.Serializable or Guarantee.Nothing)
            store.ExecuteInAnyOrder();
        return store.History();
    }

    private void Schedule()
    {
        var time = 0;
        while (_transactions.Where(transaction => transaction.Phase < 3).ToArray() is { Length: > 0 } open)
        {
            var transaction = _choices.Next(open);
            switch (transaction.Phase++)
            {
                case 0:
                    transaction.Start = time++;
                    transaction.Snapshot = _state.ToDictionary(key => key.Key, key => key.Value.ToList());
                    break;
                case 1 when _guarantee is Guarantee.Strict or Guarantee.Snapshot && transaction.HasEffect(_choices):
                    Execute(transaction);
                    break;
                case 2:
                    transaction.End = time++;
                    break;
            }
        }
    }

    private void Execute(Transaction transaction)
    {
        var view = _guarantee == Guarantee.Snapshot ? transaction.Snapshot : _state;
        if (_guarantee == Guarantee.Snapshot && transaction.Steps.Any(step => step.Element is not null && _state[step.Key].Count > view[step.Key].Count))
        {
            transaction.Outcome = KlOutcome.Fail;
            return;
        }
        foreach (var (key, element) in transaction.Steps)
        {
            if (element is { } appended)
                view[key].Add(appended);
            transaction.Reads.Add([.. view[key]]);
        }
        foreach (var (key, element) in transaction.Steps)
        {
            if (_guarantee == Guarantee.Snapshot && element is { } appended)
                _state[key].Add(appended);
        }
    }

    private void ExecuteInAnyOrder()
    {
        List<Transaction> left = [.. _transactions.Where(transaction => transaction.HasEffect(_choices))];
        while (left.Count > 0)
        {
            var next = _choices.Next(left);
            left.Remove(next);
            Execute(next);
        }
        if (_guarantee == Guarantee.Nothing)
        {
            foreach (var read in _transactions.SelectMany(transaction => transaction.Reads.Zip(transaction.Steps)))
                read.First.Clear();
            foreach (var (read, step) in _transactions.SelectMany(transaction => transaction.Reads.Zip(transaction.Steps)))
                read.AddRange(_state[step.Key].Take(_choices.Next(_state[step.Key].Count + 1)));
        }
    }

    private KlOperation[] History() => [.. _transactions.OrderBy(transaction => transaction.Start).Select((transaction, index) => new KlOperation
    {
        Index = index,
        Process = index,
        Function = "txn",
        Value = transaction.Steps.Select(step => (object?)Step(step.Key, step.Element, null)).ToArray(),
        Result = transaction.Outcome != KlOutcome.Ok ? null : transaction.Steps.Zip(transaction.Reads)
            .Select(step => (object?)Step(step.First.Key, step.First.Element, [.. step.Second.Select(element => (object?)element)])).ToArray(),
        Start = transaction.Start,
        End = transaction.Outcome == KlOutcome.Unknown ? null : transaction.End,
        Outcome = transaction.Outcome,
    })];

    private static object?[] Step(string key, long? element, object?[]? list) => element is { } appended ? ["append", key, appended] : ["r", key, list];

    private sealed class Transaction((string Key, long? Element)[] steps, KlOutcome outcome)
    {
        public (string Key, long? Element)[] Steps => steps;

        public KlOutcome Outcome { get; set; } = outcome;

        public int Phase { get; set; }

        public int Start { get; set; }

        public int End { get; set; }

        public Dictionary<string, List<long>> Snapshot { get; set; } = [];

        /// <summary>The version after each step.</summary>
        public List<List<long>> Reads { get; } = [];

        public bool HasEffect(Choices choices) => Outcome == KlOutcome.Ok || (Outcome == KlOutcome.Unknown && choices.OneIn(2));
    }
}
