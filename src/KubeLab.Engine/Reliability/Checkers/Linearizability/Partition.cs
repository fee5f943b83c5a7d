using KubeLab.Engine.Reliability.History;

namespace KubeLab.Engine.Reliability.Checkers.Linearizability;

/// <summary>The operations of one key, as the search sees them.</summary>
/// <param name="Key">The key, or null.</param>
/// <param name="Calls">The operations that can matter.</param>
/// <param name="Initial">The state at the beginning.</param>
/// <param name="Texts">The texts, if operations append.</param>
internal sealed record Partition(object? Key, Call[] Calls, int Initial, TextStates? Texts)
{
    /// <summary>Divides a history by key.</summary>
    /// <exception cref="KlException">ModelMismatch.</exception>
    public static List<Partition> Of(OperationHistory history, SequentialModel model, SearchBudget budget)
    {
        var parts = new List<(object? Key, ModelCompiler Compiler, List<Call> Calls)>();
        var numbers = new Dictionary<object, int>(ValueComparer.Instance);
        var withoutKey = new object();
        for (var source = 0; source < history.Operations.Count; source++)
        {
            var operation = history.Operations[source];
            if (!numbers.TryGetValue(operation.Key ?? withoutKey, out var part))
            {
                numbers[operation.Key ?? withoutKey] = part = parts.Count;
                parts.Add((operation.Key, model.Compile(budget), []));
            }
            var (kind, a, b) = parts[part].Compiler.Describe(operation) ?? throw Mismatch(history, operation, model, budget);
            var isOptional = operation.Outcome == KlOutcome.Unknown;
            // An operation that failed had no effect. One without an answer that changes nothing says nothing.
            if (operation.Outcome != KlOutcome.Fail && !(isOptional && kind is CallKind.Read or CallKind.Differs))
                parts[part].Calls.Add(new(kind, a, b, operation.Start, isOptional ? Call.Never : operation.End ?? throw NoEnd(history, operation), source));
        }
        return parts.ConvertAll(part => new Partition(part.Key, part.Calls.ToArray(), part.Compiler.Initial, part.Compiler.Texts));
    }

    /// <summary>Whether the operations are linearizable.</summary>
    public LinearizationSearch Search(Call[] calls, SearchBudget budget) => new(calls, Initial, Texts, budget);

    /// <summary>Whether a call could have caused what <paramref name="observer"/> observed: the values fit, and it is neither too late nor complete before
    /// <paramref name="overwritten"/>.</summary>
    public bool CanSee(Call observer, Call writer, long overwritten) =>
        observer.Observes && !writer.IsPure && writer.Start <= observer.End && writer.End >= overwritten
        && (Texts is not null || writer.B == observer.A != (observer.Kind == CallKind.Differs));

    /// <summary>The last of the calls that were complete before <paramref name="observer"/> and replaced the state.</summary>
    public Call? Overwriter(Call observer, IEnumerable<Call> calls)
    {
        Call? last = null;
        foreach (var call in calls)
            if (call.End < observer.Start && (call.Kind == CallKind.Write || (call.Kind == CallKind.Swap && Texts is null)) && !(call.Start <= last?.Start))
                last = call;
        return last;
    }

    private static KlException Mismatch(OperationHistory history, KlOperation operation, SequentialModel model, SearchBudget budget)
    {
        var fitting = SequentialModel.All.Values.Where(other => history.Operations.All(one => other.Compile(budget).Describe(one) is not null))
            .Select(other => other.Name).ToList();
        return ModelError.Mismatch(history, operation, model.Name, model.Functions, fitting);
    }

    private static KlException NoEnd(OperationHistory history, KlOperation operation) =>
        HistoryError.Of(history.Name, $"Operation {operation.Index} of '{history.Name}' has an answer, but not its time.");
}
