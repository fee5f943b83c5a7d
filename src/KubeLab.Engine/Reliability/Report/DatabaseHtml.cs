using static KubeLab.Engine.Reliability.ReportText;

namespace KubeLab.Engine.Reliability.Report;

/// <summary>The test of a database in the HTML report.</summary>
internal sealed class DatabaseHtml(KlDatabaseTest test, string id)
{
    /// <summary>The columns of the overview.</summary>
    public static string[] Columns { get; } =
    [
        "=Database", "=Engine", "=Linearizable", "=Isolation held", "#Lost writes", "#Stalest read", "=Majority", "=Minority", "=CAP",
        "+Shortest counterexample",
    ];

    /// <summary>The cells of a test in the overview, after its name.</summary>
    public static IEnumerable<Html> Row(KlDatabaseTest one) =>
    [
        $"{one.Engine.ToString()}, {one.Mode.ToString()}", $"{ConsistencyHtml.Word(one.Linearizable)}", $"{one.IsolationHeld ?? "–"}", $"{Lost(one)}",
        $"{Stalest(one)}", $"{Side(one, "majority")}", $"{Side(one, "minority")}", $"{one.Cap.Split(':')[0]}",
        $"{one.Workloads.SelectMany(workload => workload.Anomalies).MinBy(anomaly => anomaly.Operations.Length)?.Message ?? "–"}",
    ];

    /// <summary>What ran.</summary>
    public static Dictionary<string, string> Environment(KlDatabaseTest test)
    {
        var what = new Dictionary<string, string>
        {
            ["Cluster"] = test.Cluster,
            ["Database"] = $"{test.Namespace}/{test.Name}: {test.Engine}, {test.Mode}",
            ["Members"] = string.Join(", ", test.Members),
            ["Isolation level"] = test.Isolation ?? "the server's default",
        };
        if (test.SavedHistories.Length > 0)
            what["Histories"] = string.Join('\n', test.SavedHistories);
        return what;
    }

    public Html Content() => $"""
        <dl class="figures">
        {HtmlParts.Figure("Linearizable", ConsistencyHtml.Word(test.Linearizable), "")}
        {HtmlParts.Figure("Lost writes", Lost(test), test.Acknowledged is { } all ? $"of {Count(all)} acknowledged" : "not tested")}
        {HtmlParts.Figure("Stalest read", Stalest(test), "")}
        {HtmlParts.Figure("CAP", test.Cap.Split(':')[0], "")}
        {HtmlParts.Figure("Isolation held", test.IsolationHeld ?? "–", "")}
        </dl>
        {Timeline()}
        {ConsistencyHtml.Content(test.Workloads, test.Faults, test.Started, id)}
        {HtmlTable.Of("Availability", ["Side of the partition, shard or member", "#Reads", "#Answered", "#Writes", "#Answered"],
            test.Sides.Concat(test.Shards).Concat(test.Availability).Select(one => (IEnumerable<Html>)
            [
                $"{one.Name}", $"{Count(one.Reads)}", $"{Share(one.ReadShare)}", $"{Count(one.Writes)}", $"{Share(one.WriteShare)}",
            ]))}
        {HtmlTable.Of("Acknowledged writes that a member did not have in the end", ["Member", "#Missing"],
            test.Missing.Select(one => (IEnumerable<Html>)[$"{one.Key}", $"{Count(one.Value)}"]))}
        {HtmlParts.Faults(test.Faults, test.Started)}
        """;

    private Html Timeline() => test.Timeline.Length == 0 ? (Html)$"" : $"""
        <figure>
        <figcaption>Operations of each member</figcaption>
        {new DatabasePlot(test, id).Svg()}
        <small>{(test.Faults.Length == 0 ? "" : "A fault is active in a shaded period.")}</small>
        </figure>
        """;

    private static string Lost(KlDatabaseTest one) => one.Lost is { } lost ? Count(lost) : one.Acknowledged is null ? "–" : "unknown";

    private static string Stalest(KlDatabaseTest one) => one.StalestRead is { } age ? Duration(age) : "–";

    private static string Side(KlDatabaseTest one, string name) =>
        one.Sides.FirstOrDefault(side => side.Name.StartsWith(name, StringComparison.Ordinal)) is { } side
        ? $"{Part(side.ReadShare, "reads")}, {Part(side.WriteShare, "writes")}" : "–";

    // A line does not end in it.
    private static string Part(double? share, string of) => $"{Share(share)} of {of}".Replace(' ', '\u00a0');

    private static string Share(double? share) => share is { } some ? Percent(some) : "–";
}
