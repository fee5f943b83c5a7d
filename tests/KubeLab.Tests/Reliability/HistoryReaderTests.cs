using System.Globalization;
using System.Text;
using CsCheck;
using KubeLab.Engine.Reliability.History;
using KubeLab.Tests.Reliability.Checkers.Linearizability;

namespace KubeLab.Tests.Reliability;

public sealed class HistoryReaderTests
{
    private const string Called = "{:process 0, :type :invoke, :f :read, :value nil}\n";

    [Theory]
    [InlineData("{:process 0, :type :invoke, :f :write, :value 3}\n{:process 0, :type :ok, :f :write, :value 3}", "0 write 3 -> 3 [0, 1] Ok")]
    [InlineData("[{:process 0 :type :invoke :f :write :value 3}\n ; a comment ]\n {:process 0 :type :fail :f :write :value 3}]",
        "0 write 3 -> nil [0, 1] Fail")]
    [InlineData("; first\n({:type :invoke, :f :read, :process 7} {:type :ok, :f :read, :process 7, :value nil})", "7 read nil -> nil [0, 1] Ok")]
    [InlineData("{:process 0, :type :invoke, :f :write, :value 3}\n{:process 0, :type :info, :f :write, :value 3, :error :timeout}",
        "0 write 3 -> nil [0, ] Unknown")]
    [InlineData("{:process 0, :type :invoke, :f :write, :value 3}", "0 write 3 -> nil [0, ] Unknown")]
    [InlineData("{:process :nemesis, :type :info, :f :kill, :value nil}{:process 0, :type :invoke, :f :write, :value 3}", "0 write 3 -> nil [0, ] Unknown")]
    [InlineData("#jepsen.history.Op{:index 0, :time 17, :type :invoke, :process 1, :f :txn, :value [[:append 5 1] [:r 5 nil]]}"
        + "#jepsen.history.Op{:index 1, :time 29, :type :ok, :process 1, :f :txn, :value [[:append 5 1] [:r 5 [1]]]}",
        "1 txn [[\"append\" 5 1] [\"r\" 5 nil]] -> [[\"append\" 5 1] [\"r\" 5 [1]]] [17, 29] Ok")]
    [InlineData("{:process 0, :type :invoke, :f :append, :key \"k\", :value \"x\\n\\u0041\"}", "0 \"k\" append \"x\nA\" -> nil [0, ] Unknown")]
    [InlineData("{:process 0 :type :invoke :f :read :value [9 nil]}{:process 0 :type :ok :f :read :value [9 [1 2]]}"
        + "{:process 0 :type :invoke :f :cas :value [8 [1 2]]}",
        "0 9 read nil -> [1 2] [0, 1] Ok|0 8 cas [1 2] -> nil [2, ] Unknown")]
    [InlineData("{:process 0 :type :invoke :f :write :value #jepsen.independent.Tuple[\"k\" 5]}", "0 \"k\" write 5 -> nil [0, ] Unknown")]
    [InlineData("{:process 0 :type :invoke :f :write :value #jepsen.independent.Tuple{:key 4, :value 5}}", "0 4 write 5 -> nil [0, ] Unknown")]
    [InlineData("{:process 0 :type :invoke :f :cas :value [1 2]}", "0 cas [1 2] -> nil [0, ] Unknown")]
    [InlineData("{:process 0, :type :invoke, :f :x, :value [#{1} #_ (2 3) 1/2 5N 123456789012345678901"
        + " -1.5M \\a \\newline true sym #inst \"2020\" ^{:m 1} ##Inf]}",
        "0 x [[1] \"1/2\" 5 \"123456789012345678901\" -1.5 \"a\" \"\n\" true \"sym\" \"2020\" Infinity] -> nil [0, ] Unknown")]
    [InlineData("{:process 0, :type :invoke, :f :x, :value {0 10, [1 2] :a}}", "0 x {0 10, [1 2] \"a\"} -> nil [0, ] Unknown")]
    [InlineData("{\"type\": \"invoke\", \"process\": 0, \"f\": \"write\", \"value\": {\"a:b\": [1, -2.5e1, null, true, \"\\/\"], \"7\": 1}, \"time\": 5}\n"
        + "{\"type\":\"ok\",\"process\":0,\"f\":\"write\",\"value\":null,\"time\":8}", "0 write {\"a:b\" [1 -25 nil true \"/\"], 7 1} -> nil [5, 8] Ok")]
    [InlineData("[{\"type\": \"invoke\", \"process\": 0, \"f\": \"read\", \"value\": null}]", "0 read nil -> nil [0, ] Unknown")]
    [InlineData("INFO  jepsen.util - 4\t:invoke\t:cas\t[1 2]\nINFO  jepsen.core - Everything looks good!\nINFO  jepsen.util - 4\t:ok\t:cas\t[1 2]",
        "4 cas [1 2] -> [1 2] [0, 1] Ok")]
    [InlineData("INFO  jepsen.util - 4 :invoke :write  3\nINFO  jepsen.util - 4 :info   :write  :timed-out", "4 write 3 -> nil [0, ] Unknown")]
    [InlineData("INFO  jepsen.util - 4\t:invoke\t:read\tnil\r\nINFO  jepsen.util - 4\t:fail\t:read\t:timed-out\r\nINFO jepsen.util - :nemesis :info :stop nil",
        "4 read nil -> nil [0, 1] Fail")]
    [InlineData("{:index 0 :type :invoke, :value [[:append 5 1] [:r 5 nil]]}{:index 1 :type :ok, :value [[:append 5 1] [:r 5 [1]]]}",
        "0 txn [[\"append\" 5 1] [\"r\" 5 nil]] -> [[\"append\" 5 1] [\"r\" 5 [1]]] [0, 1] Ok")]
    [InlineData("", "")]
    public void Operations_are_read(string text, string expected) => Assert.Equal(expected, string.Join('|', Read(text).Operations.Select(Show)));

    [Theory]
    [InlineData(Called + "{:process 0, :type :ok, :f :write}", 2, "process 0 called read, but the answer is of write")]
    [InlineData(Called + Called, 2, "process 0 calls read, but it still waits for the answer of read")]
    [InlineData("{:process 3, :type :ok, :f :read}", 1, "process 3 has an answer of read, but it did not call it")]
    [InlineData(Called + "\n{:process 0, :type :done, :f :read}", 3, "the type done is not invoke, ok, fail or info")]
    [InlineData("{:process 0, :type :invoke}", 1, "the operation has no function (f)")]
    [InlineData("{:type :invoke :f :read}", 1, "the operation has no process")]
    [InlineData("{:type :invoke :value [[:r 5]]}", 1, "the operation has no process")]
    [InlineData("{:process 99999999999, :type :invoke :f :read}", 1, "the process 99999999999 is not a number of 32 bits")]
    [InlineData("{:process 0, :type :invoke :f :read :time -1}", 1, "the time -1 is not a number of nanoseconds")]
    [InlineData("{:process 0, :type :invoke :f :read :time 5}\n{:process 0, :type :ok :f :read :time 4}", 2, "process 0 has the answer before the call")]
    [InlineData("[1 2 3]", 1, "an operation must be a map with :process, :type, :f and :value")]
    [InlineData(Called + "{:process 0, :type", 2, "the file ends within a value")]
    [InlineData("[" + Called, 2, "the file ends within a list")]
    [InlineData("{:a \"b", 1, "the file ends within a string")]
    [InlineData("{:a [1 2}}", 1, "']' is missing")]
    [InlineData("{:a}", 1, "'}' is not expected")]
    [InlineData("{:a 12x}", 1, "'12x' is not a number")]
    [InlineData("{:a \"\\q\"}", 1, "a string contains an escape that is not known")]
    [InlineData("{:a #=(1)}", 1, "'#=' is not EDN")]
    [InlineData("{\"a\": b}", 1, "'b' is not JSON")]
    [InlineData("{:process :nemesis} }", 1, "a bracket closes nothing")]
    [InlineData("[[]", 1, "an operation must be a map with :process, :type, :f and :value")]
    [InlineData("root:x:0:0\nnothing here", null, "contains no operations")]
    public void A_broken_history_is_one_error_with_the_line(string text, int? line, string message)
    {
        var error = Assert.Throws<KlException>(() => Read(text));
        Assert.Equal("HistoryInvalid", error.ErrorId);
        Assert.Equal(line is null ? $"'h.edn' {message}." : $"'h.edn', line {line}: {message}.", error.Message);
        Assert.NotNull(error.NextStep);
    }

    [Theory]
    [InlineData("[", "lists and maps are nested deeper than 64 levels")]
    [InlineData("#_", "lists and maps are nested deeper than 64 levels")]
    [InlineData("x", "an operation is longer than 16 million characters")]
    public void What_would_exhaust_the_stack_or_the_memory_is_an_error(string repeated, string message)
    {
        using var text = new Endless("{:a ", repeated);
        var error = Assert.Throws<KlException>(() => HistoryReader.Read(text, "h.edn", CancellationToken.None));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_a_log_that_is_too_long_is_skipped()
    {
        using var text = new StringReader("INFO jepsen.util - 1 :invoke :read nil\n" + new string('x', 10_000_000)
            + " - 2 :invoke :read nil\nINFO jepsen.util - 1 :ok :read 3");
        Assert.Equal("1 read nil -> 3 [0, 1] Ok", string.Join('|', HistoryReader.Read(text, "h.log", CancellationToken.None).Operations.Select(Show)));
    }

    [Fact]
    public void Times_order_the_operations_if_all_have_one()
    {
        const string Text = "{:process 0 :type :invoke :f :a :time 9}{:process 1 :type :invoke :f :b :time 5}{:process 1 :type :ok :f :b :time 7}";
        Assert.Equal("1 b nil -> nil [5, 7] Ok|0 a nil -> nil [9, ] Unknown", string.Join('|', Read(Text).Operations.Select(Show)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_history_that_was_written_is_read_again(bool hasTimes) =>
        Gen.Select(Histories.Random("CasRegister", 20), Value(2).Array[20]).Sample((operations, values) =>
        {
            var history = new OperationHistory("h.json", [.. operations.Select((operation, i) => operation with
            {
                Function = "f",
                Key = values[i],
                Value = values[^(i + 1)],
                Result = operation.Outcome == KlOutcome.Ok ? values[i] : null,
            })], HasTimes: true);
            // Without times, positions are equal after the first reading.
            var again = hasTimes ? history : Again(history with { HasTimes = false });
            Assert.Equal(again.Operations.Select(Show), Again(again).Operations.Select(Show));
            Assert.Equal(history.Operations.Count, again.Operations.Count);
        }, iter: 300);

    private static OperationHistory Again(OperationHistory history)
    {
        using var written = new MemoryStream();
        HistoryWriter.Write(history, written);
        using var text = new StringReader(Encoding.UTF8.GetString(written.ToArray()));
        return HistoryReader.Read(text, "h.json", CancellationToken.None);
    }

    private static Gen<object?> Value(int depth) => depth == 0
        ? Gen.OneOf(Gen.Long.Select(value => (object?)value), Gen.String.Select(value => (object?)value),
            Gen.Bool.Select(value => (object?)value), Gen.Const((object?)null),
            Gen.Double.Where(double.IsFinite).Select(value => (object?)value))
        : Gen.OneOf(Value(0), Value(depth - 1).Array[0, 3].Select(value => (object?)value),
            Gen.Select(Gen.Int[0, 9], Value(depth - 1)).Array[0, 3].Select(entries => (object?)entries.DistinctBy(entry => entry.Item1)
                .ToDictionary(entry => entry.Item1 % 2 == 0 ? (object)(long)entry.Item1 : $"k{entry.Item1}", entry => entry.Item2)));

    private static OperationHistory Read(string text)
    {
        using var reader = new StringReader(text);
        return HistoryReader.Read(reader, "h.edn", CancellationToken.None);
    }

    private static string Show(KlOperation operation) =>
        FormattableString.Invariant($"{operation.Process} {(operation.Key is null ? "" : Show(operation.Key) + " ")}{operation.Function}")
        + FormattableString.Invariant($" {Show(operation.Value)}")
        + FormattableString.Invariant($" -> {Show(operation.Result)} [{operation.Start}, {operation.End}] {operation.Outcome}");

    private static string Show(object? value) => value switch
    {
        null => "nil",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        IReadOnlyList<object?> list => $"[{string.Join(' ', list.Select(Show))}]",
        IReadOnlyDictionary<object, object?> map => $"{{{string.Join(", ", map.Select(entry => $"{Show(entry.Key)} {Show(entry.Value)}"))}}}",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => "?",
    };

    private sealed class Endless(string start, string repeated) : TextReader
    {
        private long _position;

        public override int Read()
        {
            var i = _position++;
            return i < start.Length ? start[(int)i] : repeated[(int)((i - start.Length) % repeated.Length)];
        }
    }
}
