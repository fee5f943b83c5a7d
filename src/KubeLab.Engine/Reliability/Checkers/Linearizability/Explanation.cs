using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>Says in a sentence why operations are not linearizable.</summary>
internal sealed class Explanation(OperationHistory history, Partition partition, Call failed, Call[] calls)
{
    private readonly KlOperation _failed = history.Operations[failed.Source];

    /// <summary>Names and describes the anomaly.</summary>
    public KlAnomaly ToAnomaly()
    {
        var (name, reason) = Reason();
        return new()
        {
            Name = name,
            Message = $"{Answer()}, but {reason}.",
            Operations = calls.OrderBy(call => call.Source).Select(call => history.Operations[call.Source]).ToArray(),
        };
    }

    private string Answer()
    {
        var key = _failed.Key is null ? "" : $" of key {OperationText.Value(_failed.Key)}";
        var time = OperationText.Time(_failed, history.HasTimes);
        return failed.Kind == CallKind.Read && _failed.Function is "read" or "get"
            ? $"{_failed.Function}{key} {time} by process {_failed.Process} returned {OperationText.Value(_failed.Result)}"
            : $"{OperationText.Of(_failed)} {time} by process {_failed.Process} {(failed.Kind == CallKind.Differs ? "found another value" : "succeeded")}";
    }

    private (string Name, string Reason) Reason()
    {
        if (partition.Texts is null && failed.Kind is CallKind.Read or CallKind.Swap && failed.A != partition.Initial
            && !Array.Exists(partition.Calls, call => !call.IsPure && call.Start <= failed.End && call.Source != failed.Source && call.B == failed.A))
            return ("garbage-read", FailedWrite() is { } write ? $"{Describe(write)} failed" : "nothing had written that value");
        if (partition.Texts is null && partition.Overwriter(failed, calls) is { } last
            && !Array.Exists(calls, call => call != failed && partition.CanSee(failed, call, last.Start)))
            return ("stale-read", $"{Describe(last)} was complete before it, and nothing"
                + $" {(failed.Kind == CallKind.Differs ? "replaced its" : "wrote the")} value after that");
        if (partition.Texts is not null && calls is [var first, var second])
        {
            var other = first == failed ? second : first;
            return other.Kind == CallKind.Append ? ("stale-read", $"{Describe(other)} was complete before it")
                : partition.Texts.IsPrefix(failed.A, other.A) ? ("stale-read", $"{Describe(other)} had returned {Result(other)} before it")
                : ("non-linearizable", $"{Describe(other)} returned {Result(other)}, and neither continues the other");
        }
        return ("non-linearizable", $"no order of these {calls.Length} operations explains it");
    }

    private KlOperation? FailedWrite() => history.Operations.FirstOrDefault(operation => operation.Outcome == KlOutcome.Fail
        && ValueComparer.Instance.Equals(operation.Key, _failed.Key) && ValueComparer.Instance.Equals(Written(operation), Needed()));

    private object? Needed() => failed.Kind == CallKind.Read && _failed.Function != "cas" ? _failed.Result : Pair(_failed)?[0];

    private static object? Written(KlOperation operation) => operation.Function == "cas" ? Pair(operation)?[1] : operation.Value;

    private static IReadOnlyList<object?>? Pair(KlOperation operation) => operation.Value as IReadOnlyList<object?>;

    private string Result(Call read) => OperationText.Value(history.Operations[read.Source].Result);

    private string Describe(Call call) => Describe(history.Operations[call.Source]);

    private string Describe(KlOperation operation) =>
        $"{OperationText.Of(operation)} {OperationText.Time(operation, history.HasTimes)} by process {operation.Process}";
}
