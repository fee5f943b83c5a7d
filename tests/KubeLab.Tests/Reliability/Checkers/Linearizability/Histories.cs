using System.Globalization;
using CsCheck;
using KubeLab.Engine.Reliability.History;

namespace KubeLab.Tests.Reliability.Checkers.Linearizability;

/// <summary>Generates small histories.</summary>
internal static class Histories
{
    private const int Clients = 3;

    /// <summary>Histories with arbitrary answers.</summary>
    public static Gen<KlOperation[]> Random(string model, int maxCount) => Operation(model).Array[1, maxCount].Select(Schedule);

    /// <summary>Histories of a store that is linearizable: each operation takes effect at one time between its call and its answer.</summary>
    public static Gen<KlOperation[]> OfStore(string model, int maxCount) =>
        Gen.Select(Operation(model).Array[1, maxCount], Gen.Double[0, 1].Array[maxCount]).Select((drafts, points) => Execute(Schedule(drafts), points));

    /// <summary>A history with times.</summary>
    public static OperationHistory Of(params KlOperation[] operations) => new("test", operations, HasTimes: true);

    /// <summary>An operation. It is unknown if it has no end.</summary>
    public static KlOperation Op(int process, string function, object? value, long start, long? end, object? result = null, object? key = null) => new()
    {
        Index = 0,
        Process = process,
        Function = function,
        Key = key,
        Value = value,
        Result = result,
        Start = start,
        End = end,
        Outcome = end is null ? KlOutcome.Unknown : KlOutcome.Ok,
    };

    private static Gen<Draft> Operation(string model) => Gen.Select(
        Gen.Int[0, Clients - 1], Function(model), Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 4], Gen.Int[0, 8], Gen.Int[0, 9], Gen.Int[0, 9],
        (client, function, a, b, pause, duration, outcome, key) => new Draft(client, function, a, b, pause, duration,
            outcome switch { 0 => KlOutcome.Unknown, 1 => KlOutcome.Fail, _ => KlOutcome.Ok }, key == 0 ? 1 : 0));

    private static Gen<string> Function(string model) => model switch
    {
        "Register" => OneOf("read", "read", "write"),
        "CasRegister" => OneOf("read", "read", "write", "cas", "cas"),
        "KeyValue" => OneOf("get", "get", "append", "append", "put"),
        _ => OneOf("acquire", "release"),
    };

    private static Gen<string> OneOf(params string[] names) => Gen.Int[0, names.Length - 1].Select(i => names[i]);

    private static KlOperation[] Schedule(Draft[] drafts)
    {
        var now = new long[Clients];
        var process = Enumerable.Range(0, Clients).ToArray();
        var operations = new List<KlOperation>();
        foreach (var draft in drafts)
        {
            var start = now[draft.Client] += draft.Pause;
            var end = now[draft.Client] += draft.Duration;
            operations.Add(new()
            {
                Index = 0,
                Process = process[draft.Client],
                Function = draft.Function,
                Key = (long)draft.Key,
                Value = Argument(draft),
                Result = draft.Outcome == KlOutcome.Ok ? Answer(draft) : null,
                Start = start,
                End = draft.Outcome == KlOutcome.Unknown ? null : end,
                Outcome = draft.Outcome,
            });
            // As in Jepsen, a client without an answer goes on as another process.
            if (draft.Outcome == KlOutcome.Unknown)
                process[draft.Client] += Clients;
        }
        return [.. operations.OrderBy(operation => operation.Start).Select((operation, index) => operation with { Index = index })];
    }

    private static object? Argument(Draft draft) => draft.Function switch
    {
        "write" => (long)draft.A,
        "put" or "append" => draft.A.ToString(CultureInfo.InvariantCulture),
        "cas" => new object?[] { (long)draft.A, (long)draft.B },
        _ => null,
    };

    private static object? Answer(Draft draft) => draft.Function switch
    {
        "read" => draft.A == 2 && draft.B == 0 ? null : (long)draft.A,
        "get" => new[] { "", "0", "1", "01", "10", "001", "2", "02", "12" }[draft.A * 3 + draft.B],
        "cas" => draft.Duration % 2 == 0,
        _ => null,
    };

    private static KlOperation[] Execute(KlOperation[] operations, double[] points)
    {
        var states = new Dictionary<object, object?>();
        var results = (KlOperation[])operations.Clone();
        foreach (var index in Enumerable.Range(0, operations.Length).OrderBy(i =>
            operations[i].Start + points[i] * ((operations[i].End ?? operations[i].Start + 5) - operations[i].Start)).ThenBy(i => i))
        {
            var operation = operations[index];
            if (operation.Outcome == KlOutcome.Fail || (operation.Outcome == KlOutcome.Unknown && points[index] > 0.5))
                continue;
            var state = states.GetValueOrDefault(operation.Key!);
            object? result = null;
            switch (operation.Function)
            {
                case "read":
                    result = state;
                    break;
                case "get":
                    result = state ?? "";
                    break;
                case "append":
                    state = $"{state}{operation.Value}";
                    break;
                case "cas" when operation.Value is object?[] pair:
                    result = Equals(pair[0], state);
                    state = result is true ? pair[1] : state;
                    break;
                case "acquire" or "release" when state is null != (operation.Function == "acquire"):
                    results[index] = operation with { Outcome = KlOutcome.Fail };
                    continue;
                case "acquire":
                    state = "held";
                    break;
                case "release":
                    state = null;
                    break;
                default:
                    state = operation.Value;
                    break;
            }
            states[operation.Key!] = state;
            if (operation.Outcome == KlOutcome.Ok)
                results[index] = operation with { Result = result };
        }
        return results;
    }

    private sealed record Draft(int Client, string Function, int A, int B, int Pause, int Duration, KlOutcome Outcome, int Key);
}
