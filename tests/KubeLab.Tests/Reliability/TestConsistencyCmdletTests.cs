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
