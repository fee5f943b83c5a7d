using CsCheck;
using KubeLab.Engine.Reliability.Checkers.Transactions;

namespace KubeLab.Tests.Reliability.Checkers.Transactions;

public sealed class TransactionPropertyTests
{
    private const int Histories = 1_000;

    public static TheoryData<Guarantee> Guarantees => [.. Enum.GetValues<Guarantee>()];

    [Theory]
    [InlineData(Guarantee.Strict, "strict-serializable")]
    [InlineData(Guarantee.Serializable, "serializable")]
    [InlineData(Guarantee.Snapshot, "strong-snapshot-isolation")]
    public void What_a_store_guarantees_holds(Guarantee guarantee, string level) => Choices.Gen.Sample(choices =>
    {
        var result = TransactionChecker.Check(SimulatedStore.Run(guarantee, choices), new() { Level = level }, default);
        return result.Verdict != KlVerdict.False;
    }, iter: Histories);

    [Theory]
    [MemberData(nameof(Guarantees))]
    public void A_history_is_serializable_exactly_if_a_serial_order_explains_it(Guarantee guarantee) =>
        Choices.Gen.Sample(choices => Agrees(SimulatedStore.Run(guarantee, choices)), iter: Histories);

    [Theory]
    [MemberData(nameof(Guarantees))]
    public void A_changed_read_is_found_exactly_if_no_serial_order_explains_it(Guarantee guarantee) => Choices.Gen.Sample(choices =>
        Agrees(Mutate(SimulatedStore.Run(guarantee, choices), choices)), iter: Histories);

    [Theory]
    [MemberData(nameof(Guarantees))]
    public void The_order_of_concurrent_calls_does_not_matter(Guarantee guarantee) => Choices.Gen.Sample(choices =>
    {
        var history = SimulatedStore.Run(guarantee, choices);
        if (choices.OneIn(2))
            history = Mutate(history, choices);
        var (one, other) = (Check(history), Check(Reorder(history)));
        return one.Holds.SequenceEqual(other.Holds) && one.RuledOut.SequenceEqual(other.RuledOut) && Names(one).SequenceEqual(Names(other));
    }, iter: Histories);

    [Theory]
    [InlineData(Guarantee.Serializable)]
    [InlineData(Guarantee.Snapshot)]
    [InlineData(Guarantee.Nothing)]
    public void Every_cycle_is_one_by_definition(Guarantee guarantee) => Choices.Gen.Sample(choices =>
    {
        KlOperation[] history = [.. SimulatedStore.Run(guarantee, choices).Select(operation => operation with { Process = operation.Index % 3 })];
        return Check(history).Anomalies.Where(anomaly => anomaly.Name[0] == 'G' && anomaly.Name is not ("G1a" or "G1b"))
            .All(anomaly => new Definition(history).IsCycle(anomaly.Name, anomaly.Operations));
    }, iter: Histories);

    private static KlIsolation Check(KlOperation[] history) => TransactionChecker.Check(history, null, default);

    private static IEnumerable<string> Names(KlIsolation result) => result.Anomalies.Select(anomaly => anomaly.Name).Distinct().Order();

    private static bool Agrees(KlOperation[] history)
    {
        var result = Check(history);
        var isSerializable = !result.RuledOut.Any(weak => IsolationLevels.Implies("serializable", weak));
        return isSerializable == BruteForce.IsSerializable(history, false)
            && result.Verdict != KlVerdict.False == BruteForce.IsSerializable(history, true);
    }

    /// <summary>Changes one read: shortens it, or adds or exchanges elements.</summary>
    private static KlOperation[] Mutate(KlOperation[] history, Choices choices)
    {
        var reads = history.Where(operation => operation.Result is not null)
            .SelectMany(operation => BruteForce.Steps(operation).Select((step, at) => (operation.Index, At: at, Step: step)))
            .Where(read => Equals(read.Step[0], "r")).ToArray();
        if (reads.Length == 0)
            return history;
        var (index, position, old) = choices.Next(reads);
        List<object?> list = [.. (IReadOnlyList<object?>)old[2]!];
        var at = choices.Next(list.Count + 1);
        if (choices.OneIn(3))
            list.Insert(at, (long)choices.Next(6));
        else if (choices.OneIn(2))
            list.Reverse();
        else
            list.RemoveRange(at, list.Count - at);
        var steps = ((IReadOnlyList<object?>)history[index].Result!).ToArray();
        steps[position] = new[] { old[0], old[1], list.ToArray() };
        return [.. history.Select(operation => operation.Index == index ? operation with { Result = steps } : operation)];
    }

    /// <summary>Reverses each run of calls, and each run of ends, between which nothing happened.</summary>
    private static KlOperation[] Reorder(KlOperation[] history)
    {
        var events = history.Select(one => (Time: one.Start, IsEnd: false))
            .Concat(history.Where(one => one.End is not null).Select(one => (Time: one.End!.Value, IsEnd: true))).OrderBy(one => one.Time).ToArray();
        Dictionary<long, long> times = [];
        for (var (from, to) = (0, 0); from < events.Length; from = to)
        {
            while (to < events.Length && events[to].IsEnd == events[from].IsEnd)
                to++;
            for (var at = from; at < to; at++)
                times[events[at].Time] = events[from + to - 1 - at].Time;
        }
        return [.. history.Select(one => one with { Start = times[one.Start], End = one.End is { } end ? times[end] : null })
            .OrderBy(one => one.Start).Select((one, index) => one with { Index = index })];
    }
}
