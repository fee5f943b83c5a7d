using System.Text.RegularExpressions;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

public sealed partial class FaultsDocumentTests
{
    [Fact]
    public void Every_promise_names_a_test_that_exists()
    {
        var tests = typeof(FaultsDocumentTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods().Select(method => $"{type.Name}.{method.Name}")).ToHashSet();
        var rows = File.ReadLines(Path.Combine(Repository.Root, "docs", "faults.md"))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| Scenario", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(rows);
        Assert.Empty(rows.SelectMany(row => LastCell().Match(row).Groups[1].Value.Split(", ")).Except(tests));
    }

    [GeneratedRegex(@"\| ([^|]*) \|$")]
    private static partial Regex LastCell();
}
