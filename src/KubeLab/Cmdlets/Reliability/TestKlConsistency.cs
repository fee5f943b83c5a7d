using System.Management.Automation;
using KubeLab.Engine.Reliability.Checkers;
using KubeLab.Engine.Reliability.Checkers.Transactions;
using KubeLab.Engine.Reliability.History;
using KubeLab.Pipeline;
using KubeLab.Pipeline.Queries;

namespace KubeLab.Cmdlets.Reliability;

/// <summary>Checks whether the history of a test is consistent.</summary>
/// <remarks><para>A history lists operations of concurrent clients with their answers. Models of registers are checked for linearizability: whether all answers
/// can be explained by an order in which each operation takes effect at once, between its call and its answer. Transactions of ListAppend are checked for the
/// isolation level of -Isolation. If the history is not consistent, Anomalies contains the few operations that show it.</para>
/// <para>Histories of Jepsen in EDN, its logs, and JSON lines with the fields type, process, f, value, key and time are read. An operation without an answer
/// may have taken effect or not.</para>
/// <para>Consistent is Unknown, with a reason, if the time or the memory is not enough.</para></remarks>
/// <example>Check a history of a register
/// <code>Test-KlConsistency -History history.edn -Model CasRegister</code></example>
/// <example>Show which isolation levels transactions had
/// <code>(Test-KlConsistency -History append.edn -Model ListAppend).Details.Holds</code></example>
/// <example>Show the operations of the first counterexample
/// <code>(Get-ChildItem *.log | Test-KlConsistency -Model CasRegister | Where-Object Linearizable -eq False)[0].Anomalies[0].Operations</code></example>
[Cmdlet(VerbsDiagnostic.Test, "KlConsistency", DefaultParameterSetName = "History")]
[OutputType(typeof(KlConsistency))]
public sealed class TestKlConsistency : KlCmdlet
{
    /// <summary>The files. Wildcards are allowed.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "History")]
    [Alias("FullName", "Path")]
    [SupportsWildcards]
    public string[] History { get; set; } = [];

    /// <summary>What the operations do. Register: read, write. CasRegister: also cas (compare-and-set). KeyValue: get, put, append. Mutex: acquire,
    /// release. ListAppend: txn, a list of steps [append, key, element] and [r, key, nil]. Set: add, read. Counter: add, read. Bank: transfer, read. Session:
    /// read and write, for what each client is guaranteed.</summary>
    // Not an enum: PowerShell loads this type before the engine can be found, and the size of a field must be known then.
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = "History")]
    [ValidateSet("Register", "CasRegister", "KeyValue", "Mutex", "ListAppend", "Set", "Counter", "Bank", "Session")]
    public string Model { get; set; } = "";

    /// <summary>The isolation level that the transactions of ListAppend must have, such as serializable. Default: strict-serializable.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(IsolationCompleter))]
    public string Isolation { get; set; } = IsolationLevels.StrictSerializable;

    /// <summary>The maximum time to check a history, in seconds or as a TimeSpan. Default: 1 minute.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan TimeLimit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The maximum memory to check a history, in bytes, such as 2GB. Default: 1GB.</summary>
    [Parameter]
    [ValidateRange(1, long.MaxValue)]
    public long MemoryLimit { get; set; } = 1L << 30;

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var given in History)
            foreach (var file in Files(given))
                Start(file, (_, stop) => Task.Run(() => Check(file, stop), stop));
    }

    private KlConsistency Check(string file, CancellationToken stop) => ConsistencyChecker.Check(
        HistoryReader.ReadFile(file, stop), Model,
        new() { Isolation = Isolation, TimeLimit = TimeLimit, MemoryLimit = MemoryLimit, Clock = Engine.Clock }, stop);

    private string[] Files(string path)
    {
        try
        {
            // A file that is called like a pattern comes from Get-ChildItem.
            if (GetUnresolvedProviderPathFromPSPath(path) is var literal && File.Exists(literal))
                return [literal];
            var found = GetResolvedProviderPathFromPSPath(path, out var provider);
            return provider.Name == "FileSystem" && found.Count > 0 ? [.. found] : throw NotFound(path, null);
        }
        catch (SessionStateException error)
        {
            Fail(path, NotFound(path, error));
        }
        catch (KlException error)
        {
            Fail(path, error);
        }
        return [];
    }

    private static KlException NotFound(string path, Exception? inner) =>
        new(ErrorIds.HistoryNotFound, KlErrorKind.NotFound, path, $"File '{path}' was not found.", "Specify a file that contains a history.", inner);
}
