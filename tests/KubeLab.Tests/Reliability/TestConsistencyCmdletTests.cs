using KubeLab.Tests.Reliability.Workloads;
using KubeLab.Tests.Images;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Reliability;

public sealed class TestConsistencyCmdletTests : IDisposable
{
    private const string Good = "{:process 0, :type :invoke, :f :write, :value 3}{:process 0, :type :ok, :f :write, :value 3}"
        + "{:process 1, :type :invoke, :f :read, :value nil}{:process 1, :type :ok, :f :read, :value 3}"
        + "{:process 1, :type :invoke, :f :cas, :value [1 2]}{:process 1, :type :fail, :f :cas, :value [1 2]}{:process 1, :type :invoke, :f :read}";

    private readonly TemporaryFolder _folder = new();

    public TestConsistencyCmdletTests()
    {
        Write("a.edn", Good);
        Write("b.edn", Good.Replace(":f :read, :value 3", ":f :read, :value nil", StringComparison.Ordinal));
        Write("[c].edn", Good);
        Write("broken.log", Good + "{");
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_history_is_checked()
    {
        var result = Test("Test-KlConsistency a.edn casregister").Good<KlConsistency>().Single();
        Assert.Equal(("a.edn", "CasRegister", 4, 2, 1, 1, KlVerdict.True, null),
            (result.Name, result.Model, result.Operations, result.Ok, result.Failed, result.Unknown, result.Linearizable, result.Reason));
        Assert.Empty(result.Anomalies);
    }

    [Fact]
    public void A_counterexample_is_written()
    {
        var result = Test("Test-KlConsistency -History b.edn -Model CasRegister -TimeLimit 60s").Good<KlConsistency>().Single();
        Assert.Equal(KlVerdict.False, result.Linearizable);
        var anomaly = Assert.Single(result.Anomalies);
        Assert.Equal(("stale-read", "write,read"), (anomaly.Name, string.Join(',', anomaly.Operations.Select(operation => operation.Function))));
    }

    [Theory]
    [InlineData("Test-KlConsistency -History a.edn, b.edn -Model CasRegister", "a.edn b.edn")]
    [InlineData("Test-KlConsistency *.edn -Model CasRegister", "[c].edn a.edn b.edn")]
    [InlineData("([IO.DirectoryInfo] $folder).GetFiles('*.edn') | Test-KlConsistency -Model CasRegister", "[c].edn a.edn b.edn")]
    [InlineData("'a.edn' | Test-KlConsistency -Model CasRegister", "a.edn")]
    [InlineData("Test-KlConsistency '[c].edn' -Model CasRegister", "[c].edn")]
    public void Files_come_by_name_by_wildcard_and_from_the_pipeline(string script, string names) =>
        Assert.Equal(names, string.Join(' ', Test(script).Good<KlConsistency>().Select(result => result.Name).Order(StringComparer.Ordinal)));

    [Theory]
    [InlineData("missing.edn", "CasRegister", "HistoryNotFound", "File 'missing.edn' was not found.")]
    [InlineData("*.json", "CasRegister", "HistoryNotFound", "File '*.json' was not found.")]
    [InlineData("env:PATH", "CasRegister", "HistoryNotFound", "File 'env:PATH' was not found.")]
    [InlineData("broken.log", "CasRegister", "HistoryInvalid", "broken.log', line 1: the file ends within a value.")]
    [InlineData(".", "CasRegister", "HistoryInvalid", "access is denied.")]
    [InlineData("a.edn", "Register", "ModelMismatch", "The model Register has read and write, but operation 2 of 'a.edn' is cas [1 2].")]
    public void A_history_that_cannot_be_checked_is_one_error(string file, string model, string id, string message)
    {
        var result = Test($"Test-KlConsistency '{file}', a.edn -Model {model}");
        var error = result.Errors[0];
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Contains(message, error.Exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        // The other file is checked all the same.
        Assert.Equal(model == "CasRegister" ? 1 : 0, result.Output.Count);
    }

    [Theory]
    [InlineData("ListAppend", "txn [[append x 1]]", "txn [[r x nil]] [[r x [1]]]", "True")]
    [InlineData("ListAppend", "txn [[append x 1]]", "txn [[r x nil]] [[r x []]]", "False G-single-process")]
    [InlineData("ListAppend -Isolation serializable", "txn [[append x 1]]", "txn [[r x nil]] [[r x []]]", "True")]
    [InlineData("set", "add 1", "read nil [1]", "True")]
    [InlineData("Set", "add 1", "read nil []", "False lost")]
    [InlineData("Counter", "add 2", "read nil 2", "True")]
    [InlineData("Counter", "add 2", "read nil 3", "False counter-bounds")]
    [InlineData("Bank", "read nil {a 5 b 5}", "read nil {a 9 b 1}", "True")]
    [InlineData("Bank", "read nil {a 5 b 5}", "read nil {a 11 b -1}", "False negative-balance")]
    [InlineData("Session", "write 1", "read nil 1", "True")]
    [InlineData("Session", "write 1", "read nil nil", "False read-your-writes non-sequential")]
    public void A_history_is_judged_by_its_model(string model, string first, string second, string verdict)
    {
        static string Operation(string text)
        {
            var (function, value) = text.Split(' ', 2) is [var name, var rest] ? (name, rest) : (text, "nil");
            var (given, returned) = value.StartsWith("nil ", StringComparison.Ordinal) ? ("nil", value[4..])
                : value.Split("]] ", 2) is [var steps, var results] ? ($"{steps}]]", results) : (value, value);
            return $"{{:process 0, :type :invoke, :f :{function}, :value {given}}}{{:process 0, :type :ok, :f :{function}, :value {returned}}}";
        }
        Write("model.edn", Operation(first) + Operation(second));
        var result = Test($"Test-KlConsistency model.edn -Model {model}").Good<KlConsistency>().Single();
        Assert.Equal(verdict, string.Join(' ', result.Anomalies.Select(anomaly => anomaly.Name).Prepend($"{result.Consistent}")));
        Assert.Equal(((KlVerdict?)null, true), (result.Linearizable, result.Details is not null));
    }

    [Theory]
    [InlineData("b.edn -Model Set", "The model Set has add and read, but operation 0 of 'b.edn' is write 3.")]
    [InlineData("transactions.edn -Model ListAppend -Isolation chaos", "'chaos' is not an isolation level.")]
    public void A_model_or_level_that_does_not_fit_is_one_error(string arguments, string message)
    {
        Write("transactions.edn", "{:process 0, :type :invoke, :f :txn, :value [[:r 1 nil]]}");
        var error = Assert.Single(Test($"Test-KlConsistency {arguments}").Errors);
        Assert.Equal(("ModelMismatch", message), (error.FullyQualifiedErrorId.Split(',')[0], error.Exception.Message));
    }

    [Fact]
    public void A_database_from_the_pipeline_needs_no_other_parameter()
    {
        var result = Shell.Run("$database | Test-KlConsistency", variables: new Dictionary<string, object?>
        {
            ["database"] = TestedDatabase.Of(3) with { Cluster = "nowhere" },
        });

        Assert.StartsWith("Kube", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_time_the_verdict_is_unknown_with_a_reason()
    {
        var result = Test("Test-KlConsistency a.edn -Model CasRegister -TimeLimit 0").Good<KlConsistency>().Single();
        Assert.Equal((KlVerdict.Unknown, "the time limit of 0 s was reached after the first 0 of 2 answers had been explained."),
            (result.Linearizable, result.Reason));
    }

    [Fact]
    public void The_view_shows_the_verdict_and_the_first_anomaly()
    {
        var shown = Shell.Show($"Test-KlConsistency '{_folder.Path}/b.edn' -Model CasRegister");
        Assert.Contains("b.edn", shown, StringComparison.Ordinal);
        Assert.Contains("False", shown, StringComparison.Ordinal);
        Assert.Contains("stale-read: read", shown, StringComparison.Ordinal);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.Path, name), text);

    private ShellResult Test(string script) => Shell.Run($$"""
        $place = $ExecutionContext.SessionState.Path
        $place.PushCurrentLocation('history')
        [void]$place.SetLocation($folder)
        try { {{script}} } finally { [void]$place.PopLocation('history') }
        """, null, new Dictionary<string, object?> { ["folder"] = _folder.Path });
}
