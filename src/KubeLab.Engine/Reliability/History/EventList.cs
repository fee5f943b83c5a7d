namespace KubeLab.Engine.Reliability.History;

/// <summary>Pairs calls with their answers.</summary>
internal sealed class EventList(string file)
{
    private readonly List<Pair> _pairs = [];
    private readonly Dictionary<int, Pair> _open = [];
    private int _count;
    private bool _hasTimes = true;

    /// <summary>Whether there was no operation of a client.</summary>
    public bool IsEmpty => _pairs.Count == 0;

    /// <summary>Adds a call or an answer. Operations of the nemesis are skipped: their process is not a number. A list of steps without a process and a
    /// function, as in Elle's examples, is a transaction of one client.</summary>
    /// <exception cref="KlException">HistoryInvalid.</exception>
    public void Add(int line, IReadOnlyDictionary<object, object?> fields)
    {
        if (IsTransaction(fields))
            fields = new Dictionary<object, object?>(fields) { ["process"] = 0L, ["f"] = "txn" };
        if (!fields.TryGetValue("process", out var given))
            throw HistoryError.At(file, line, "the operation has no process");
        if (given is not long number)
            return;
        if (number is < int.MinValue or > int.MaxValue)
            throw HistoryError.At(file, line, $"the process {number} is not a number of 32 bits");
        if (fields.GetValueOrDefault("f") is not string function)
            throw HistoryError.At(file, line, "the operation has no function (f)");
        if (++_count > HistoryLimits.Events)
            throw HistoryError.At(file, line, $"the history has more than {HistoryLimits.Events / 1_000_000} million calls and answers");
        var time = TimeOf(line, fields);
        var process = (int)number;
        switch (fields.GetValueOrDefault("type"))
        {
            case "invoke":
                var pair = new Pair(process, function, fields.GetValueOrDefault("key"), fields.GetValueOrDefault("value"), time, _count - 1);
                if (!_open.TryAdd(process, pair))
                    throw HistoryError.At(file, line, $"process {process} calls {function}, but it still waits for the answer of {_open[process].Function}");
                _pairs.Add(pair);
                break;
            case string type and ("ok" or "fail" or "info"):
                if (!_open.Remove(process, out var called))
                    throw HistoryError.At(file, line, $"process {process} has an answer of {function}, but it did not call it");
                if (called.Function != function)
                    throw HistoryError.At(file, line, $"process {process} called {called.Function}, but the answer is of {function}");
                Complete(line, called, type, fields.GetValueOrDefault("value"), time);
                break;
            case var other:
                throw HistoryError.At(file, line, $"the type {other ?? "nil"} is not invoke, ok, fail or info");
        }
    }

    /// <summary>Creates the history.</summary>
    public OperationHistory ToHistory(string name)
    {
        var isKeyed = HasKeyedValues();
        var hasTimes = _hasTimes && _pairs.Count > 0;
        var operations = _pairs.OrderBy(pair => hasTimes ? pair.StartTime : pair.StartPosition)
            .Select((pair, index) => pair.ToOperation(index, hasTimes, isKeyed));
        return new(name, operations.ToArray(), hasTimes);
    }

    private static bool IsTransaction(IReadOnlyDictionary<object, object?> fields) => !fields.ContainsKey("process") && !fields.ContainsKey("f")
        && fields.GetValueOrDefault("value") is IReadOnlyList<object?> { Count: > 0 } steps && steps.All(step => step is IReadOnlyList<object?> { Count: 3 });

    private long? TimeOf(int line, IReadOnlyDictionary<object, object?> fields)
    {
        switch (fields.GetValueOrDefault("time"))
        {
            case long and >= 0 and var time:
                return (long)time;
            case null:
                _hasTimes = false;
                return null;
            case var time:
                throw HistoryError.At(file, line, $"the time {time} is not a number of nanoseconds");
        }
    }

    private void Complete(int line, Pair called, string type, object? value, long? time)
    {
        called.Outcome = type switch { "ok" => KlOutcome.Ok, "fail" => KlOutcome.Fail, _ => KlOutcome.Unknown };
        if (called.Outcome == KlOutcome.Unknown)
        {
            // The time of giving up says nothing about the operation.
            _count--;
            return;
        }
        if (time < called.StartTime)
            throw HistoryError.At(file, line, $"process {called.Process} has the answer before the call");
        called.EndTime = time;
        called.EndPosition = _count - 1;
        called.Result = called.Outcome == KlOutcome.Ok ? value : null;
    }

    // jepsen.independent writes [key value] instead of the value. Without its tag that looks like any list, but a read is called without a value.
    private bool HasKeyedValues() =>
        _pairs.Exists(pair => pair is { Function: "read", Value: IReadOnlyList<object?> { Count: 2 } and [_, null] }) && _pairs.TrueForAll(pair => pair is
        { Key: null, Function: "read" or "write", Value: IReadOnlyList<object?> { Count: 2 } }
        or { Key: null, Function: "cas", Value: IReadOnlyList<object?> { Count: 2 } and [_, IReadOnlyList<object?> { Count: 2 }] });

    private sealed class Pair(int process, string function, object? key, object? value, long? startTime, int startPosition)
    {
        public int Process => process;

        public string Function => function;

        public object? Key => key;

        public object? Value => value;

        public long? StartTime => startTime;

        public int StartPosition => startPosition;

        public KlOutcome Outcome { get; set; } = KlOutcome.Unknown;

        public long? EndTime { get; set; }

        public int? EndPosition { get; set; }

        public object? Result { get; set; }

        public KlOperation ToOperation(int index, bool hasTimes, bool isKeyed)
        {
            var argument = Keyed(value, isKeyed);
            return new()
            {
                Index = index,
                Process = process,
                Function = function,
                Key = argument?.Key ?? key,
                Value = argument is null ? value : argument.Value,
                Result = Keyed(Result, isKeyed) is { } result ? result.Value : Result,
                Start = hasTimes ? startTime!.Value : startPosition,
                End = hasTimes ? EndTime : EndPosition,
                Outcome = Outcome,
            };
        }

        private static KeyedValue? Keyed(object? value, bool isKeyed) => value as KeyedValue
            ?? (isKeyed && value is IReadOnlyList<object?> { Count: 2 } pair ? new KeyedValue(pair[0], pair[1]) : null);
    }
}
