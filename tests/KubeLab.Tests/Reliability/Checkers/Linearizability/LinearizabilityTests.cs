using CsCheck;
using KubeLab.Engine.Reliability.Checkers.Linearizability;
using static KubeLab.Tests.Reliability.Checkers.Linearizability.Histories;

namespace KubeLab.Tests.Reliability.Checkers.Linearizability;

public sealed class LinearizabilityTests
{
    private const int Small = 7;
    private const int Iterations = 3000;
    private static readonly TimeProvider Clock = TimeProvider.System;

    public static TheoryData<string> Models => ["Register", "CasRegister", "KeyValue", "Mutex"];

    [Theory]
    [MemberData(nameof(Models))]
    public void The_verdict_agrees_with_trying_all_orders(string model) =>
        Random(model, Small).Sample(history => Verdict(model, history) == BruteForce.IsLinearizable(history), iter: Iterations, print: Print);

    [Theory]
    [MemberData(nameof(Models))]
    public void Histories_of_a_linearizable_store_pass(string model) =>
        OfStore(model, 60).Sample(history => Verdict(model, history), iter: 300, print: Print);

    [Theory]
    [InlineData("Register")]
    [InlineData("CasRegister")]
    [InlineData("KeyValue")]
    public void A_changed_answer_of_a_linearizable_store_is_found_whenever_it_cannot_be(string model) =>
        Gen.Select(OfStore(model, Small), Random(model, Small), Gen.Int[0, Small]).Select((history, others, place) => Change(history, others, place))
            .Sample(history => Verdict(model, history) == BruteForce.IsLinearizable(history), iter: Iterations, print: Print);

    [Theory]
    [MemberData(nameof(Models))]
    public void A_counterexample_is_not_linearizable_and_minimal(string model) =>
        Random(model, Small).Sample(history =>
        {
            foreach (var anomaly in Check(model, history).Anomalies)
            {
                Assert.NotEmpty(anomaly.Message);
                Assert.All(anomaly.Operations, operation => Assert.Contains(operation, history));
                Assert.False(BruteForce.IsLinearizable(anomaly.Operations));
                // Two texts that contradict each other are shown without what wrote them.
                if (model != "KeyValue")
                    Assert.Contains(anomaly.Operations, last => IsMinimal(Until(anomaly.Operations, last.End ?? 0), history));
            }
        }, iter: Iterations, print: Print);

    [Theory]
    [MemberData(nameof(Models))]
    public void The_verdict_depends_neither_on_the_order_of_operations_nor_on_the_number_of_processors(string model) =>
        Random(model, 12).Sample(history =>
        {
            var one = Check(model, history, new() { Clock = Clock, Parallelism = 1 });
            var many = Check(model, history, new() { Clock = Clock, Parallelism = 4 });
            Assert.Equal(one.Anomalies.Select(anomaly => anomaly.Message), many.Anomalies.Select(anomaly => anomaly.Message));
            Assert.Equal(one.Verdict, many.Verdict);
            Assert.Equal(one.Verdict, Check(model, [.. history.Reverse()]).Verdict);
        }, iter: 500, print: Print);

    [Fact]
    public void A_stale_read_names_the_write_that_was_complete() => Says(
        "stale-read: read at 4.2 s by process 2 returned nil, but write 3 at 1.0 s by process 1 was complete before it,"
        + " and nothing wrote the value after that.",
        "CasRegister", Op(1, "write", 3L, 1_000_000_000, 2_000_000_000), Op(1, "write", 3L, 2_000_000_001, null),
        Op(2, "read", null, 4_200_000_000, 5_000_000_000));

    [Fact]
    public void A_value_that_nothing_wrote_is_named() => Says(
        "garbage-read: read at 0.0 s by process 2 returned 7, but nothing had written that value.",
        "Register", Op(1, "write", 3L, 0, 10), Op(2, "read", null, 5, 9, 7L), Op(1, "write", 7L, 20, 30));

    [Fact]
    public void A_value_of_a_failed_write_is_named() => Says(
        "garbage-read: read of key \"x\" at 0.0 s by process 2 returned 7, but cas of key \"x\" [nil 7] at 0.0 s by process 1 failed.",
        "CasRegister", Op(1, "cas", new object?[] { null, 7L }, 0, 10, key: "x") with { Outcome = KlOutcome.Fail }, Op(2, "read", null, 5, 9, 7L, "x"));

    [Fact]
    public void An_append_that_is_missing_is_named() => Says(
        "stale-read: get at 0.0 s by process 2 returned \"b\", but append \"a\" at 0.0 s by process 1 was complete before it.",
        "KeyValue", Op(1, "append", "a", 0, 10), Op(1, "append", "b", 12, 20), Op(2, "get", null, 15, 22, "b"));

    [Fact]
    public void Reads_that_go_apart_are_named() => Says(
        "non-linearizable: get at 0.0 s by process 3 returned \"ab\", but get at 0.0 s by process 2 returned \"ba\", and neither continues the other.",
        "KeyValue", Op(1, "append", "a", 0, 30), Op(4, "append", "b", 0, 30), Op(3, "get", null, 1, 40, "ab"), Op(2, "get", null, 1, 39, "ba"));

    [Fact]
    public void A_compare_and_set_that_found_another_value_is_an_observation() => Says(
        "stale-read: cas [1 2] at 0.0 s by process 2 found another value, but write 1 at 0.0 s by process 1 was complete before it,"
        + " and nothing replaced its value after that.",
        "CasRegister", Op(1, "write", 1L, 0, 10), Op(2, "cas", new object?[] { 1L, 2L }, 20, 30, false));

    [Fact]
    public void A_counterexample_of_many_swaps_shows_only_the_last()
    {
        var history = Enumerable.Range(0, 40).Select(i => Op(1, i % 2 == 0 ? "acquire" : "release", null, i * 10, i * 10 + 5))
            .Append(Op(2, "release", null, 400, 405)).ToArray();
        Assert.Equal([390L, 400], Assert.Single(Check("Mutex", history).Anomalies).Operations.Select(operation => operation.Start));
    }

    [Fact]
    public void A_search_without_time_left_is_unknown_and_says_how_far_it_came()
    {
        var result = Check("Register", [Op(1, "write", 1L, 0, 10)], new() { Clock = Clock, TimeLimit = TimeSpan.Zero });
        Assert.Equal((KlVerdict.Unknown, "the time limit of 0 s was reached after the first 0 of 1 answers had been explained."),
            (result.Verdict, result.Reason));
    }

    [Fact]
    public void A_search_that_needs_too_much_memory_is_unknown_and_says_how_far_it_came()
    {
        var result = Check("Register", Hard(), new() { Clock = Clock, MemoryLimit = 1 << 20 });
        Assert.Equal((KlVerdict.Unknown, "the memory limit of 1 MB was reached after the first 20 of 22 answers had been explained."),
            (result.Verdict, result.Reason));
    }

    [Fact]
    public void A_search_can_be_canceled()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => LinearizabilityChecker.Check(Of(Hard()), "Register", new() { Clock = Clock }, stop.Token));
    }

    [Fact]
    public void Operations_without_an_answer_do_not_multiply_the_work()
    {
        // Each read needs one of 600 writes without an answer.
        var history = Enumerable.Range(0, 300).SelectMany(i => new[]
        {
            Op(i * 10, "write", (long)(i % 5), i * 10, null), Op(i * 10 + 1, "write", (long)i, i * 10, null),
            Op(1, "read", null, i * 10 + 5, i * 10 + 6, (long)i),
        }).ToArray();
        Assert.True(Verdict("Register", history));
    }

    [Fact]
    public void A_model_that_does_not_fit_is_one_error_that_names_one_that_does()
    {
        var error = Assert.Throws<KlException>(() => Check("Register", [Op(1, "cas", new object?[] { 1L, 2L }, 0, 1)]));
        Assert.Equal(("ModelMismatch", "The model Register has read and write, but operation 0 of 'test' is cas [1 2].", "Specify the model CasRegister."),
            (error.ErrorId, error.Message, error.NextStep));
    }

    // All orders of the writes must be tried to know that no two reads can differ after them.
    private static KlOperation[] Hard() =>
    [
        .. Enumerable.Range(0, 20).Select(i => Op(i, "write", (long)i, 0, 10 + i)),
        Op(1, "read", null, 50, 60, 1L), Op(1, "read", null, 70, 80, 2L),
    ];

    private static void Says(string message, string model, params KlOperation[] history) =>
        Assert.Equal(message, $"{Assert.Single(Check(model, history).Anomalies)}");

    private static bool Verdict(string model, KlOperation[] history) => Check(model, history).Verdict == KlVerdict.True;

    private static LinearizabilityResult Check(string model, KlOperation[] history, SearchLimits? limits = null) =>
        LinearizabilityChecker.Check(Of(history), model, limits ?? new() { Clock = Clock }, CancellationToken.None);

    private static KlOperation[] Change(KlOperation[] history, KlOperation[] others, int place)
    {
        var changed = (KlOperation[])history.Clone();
        if (place < history.Length && history[place] is { Outcome: KlOutcome.Ok, Function: "read" or "get" }
            && others.FirstOrDefault(other => other is { Outcome: KlOutcome.Ok, Function: "read" or "get" }) is { } other)
            changed[place] = history[place] with { Result = other.Result };
        return changed;
    }

    // What ended later may or may not have taken effect by then.
    private static KlOperation[] Until(KlOperation[] operations, long time) =>
        [.. operations.Select(operation => operation.End > time ? operation with { Outcome = KlOutcome.Unknown, End = null } : operation)];

    private static bool IsMinimal(KlOperation[] few, KlOperation[] history) => !BruteForce.IsLinearizable(few) && Array.TrueForAll(few, one =>
        few.Where(other => other != one).ToArray() is var fewer && (BruteForce.IsLinearizable(fewer) || !IsFair(fewer, history)));

    // Leaving a write out accuses falsely if one of the others may have seen it.
    private static bool IsFair(KlOperation[] few, KlOperation[] history) => history.All(writer =>
        writer.Outcome == KlOutcome.Fail || writer.Key?.Equals(few.FirstOrDefault()?.Key) != true || few.Any(one => one.Index == writer.Index)
        || Array.TrueForAll(few, reader => !CanSee(reader, writer) || writer.Start > reader.End
            || few.Any(other => IsWrite(other) && other.End < reader.Start && writer.End < other.Start)));

    private static bool CanSee(KlOperation reader, KlOperation writer) => IsWrite(writer) && reader switch
    {
        { Function: "read" } => Equals(reader.Result, Written(writer)),
        { Function: "cas", Value: object?[] pair } => Equals(pair[0], Written(writer)) != (reader.Result is false),
        { Function: "acquire" or "release" } => reader.Function != writer.Function,
        _ => false,
    };

    private static bool IsWrite(KlOperation operation) => operation.Function is "write" or "acquire" or "release"
        || operation is { Function: "cas", Result: not false, Value: object?[] pair } && !Equals(pair[0], pair[1]);

    private static object? Written(KlOperation operation) => operation.Value is object?[] pair ? pair[1] : operation.Value;

    private static string Print(KlOperation[] history) => string.Join('\n', history.Select(operation =>
        $"{operation.Key}: {operation.Process} {operation.Function} {(operation.Value is object?[] pair ? string.Join(' ', pair) : operation.Value)}"
        + $" -> {operation.Result} [{operation.Start}, {operation.End}] {operation.Outcome}"));
}
