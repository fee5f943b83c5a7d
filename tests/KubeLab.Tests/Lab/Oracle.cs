using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;
using Xunit.Sdk;

namespace KubeLab.Tests.Lab;

/// <summary>kubectl of the cluster's version with the same kubeconfig, as the reference for correct results.</summary>
internal static partial class Oracle
{
    private static readonly Lazy<Task<string>> Program = new(CopyAsync);

    /// <summary>Runs kubectl, which may fail.</summary>
    /// <param name="line">The arguments, separated by single spaces.</param>
    /// <param name="input">Standard input.</param>
    public static Task<BufferedCommandResult> RunAsync(string line, string input = "") => RunAsync(line.Split(' '), input);

    /// <summary>Accepts arguments with spaces.</summary>
    public static async Task<BufferedCommandResult> RunAsync(string[] arguments, string input = "")
    {
        var program = await Program.Value;
        return await Cli.Wrap(program).WithArguments(["--cache-dir", program + ".cache", .. arguments])
            .WithStandardInputPipe(PipeSource.FromString(input, Encoding.UTF8))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Encoding.UTF8);
    }

    /// <summary>Returns the output of kubectl, which must succeed.</summary>
    public static Task<string> AskAsync(string line, string input = "") => AskAsync(line.Split(' '), input);

    /// <summary>Accepts arguments with spaces.</summary>
    public static async Task<string> AskAsync(string[] arguments, string input = "")
    {
        var end = await RunAsync(arguments, input);
        Assert.True(end.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {end.StandardError}");
        return end.StandardOutput;
    }

    /// <summary>Returns the output lines of kubectl.</summary>
    public static async Task<string[]> LinesAsync(string line, string input = "") =>
        (await AskAsync(line, input)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Returns the output of kubectl -o json.</summary>
    public static async Task<JsonNode> JsonAsync(string line) => JsonNode.Parse(await AskAsync(line + " -o json"))!;

    /// <summary>Returns columns of a kubectl table, separated by single spaces.</summary>
    public static async Task<IOrderedEnumerable<string>> ColumnsAsync(string line, int count) =>
        (await LinesAsync(line + " --no-headers")).Select(row => string.Join(' ', row.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(count)))
            .Order(StringComparer.Ordinal);

    /// <summary>Asserts that KubeLab and kubectl return the same. Because a pod can change between the calls, only a persistent difference or failure is an
    /// error.</summary>
    public static async Task SameAsync(Func<Task<string[]>> expected, Func<string[]> actual)
    {
        string[]? before = null;
        for (var attempt = 1; ; await Task.Delay(100))
            try
            {
                before ??= await expected();
                var result = actual();
                var after = await expected();
                if (before.SequenceEqual(after))
                {
                    if (after.SequenceEqual(result))
                        return;
                    if (attempt++ == 10)
                        Assert.Equal(after, result);
                }
                before = after;
            }
            catch (XunitException) when (attempt < 10)
            {
                // For example, a container that is restarting has no previous log.
                (before, attempt) = (null, attempt + 1);
            }
    }

    private static async Task<string> CopyAsync()
    {
        var path = Path.Combine(TestHome.Path, "kubectl");
        var lab = CurrentLab().Match(await File.ReadAllTextAsync(Path.Combine(TestHome.Path, "kubeconfig"))).Groups[1].Value;
        await OfflineLab.DockerAsync("cp", $"{lab}-1:/usr/bin/kubectl", path);
        return path;
    }

    [GeneratedRegex("^current-context: kubelab-(.+)$", RegexOptions.Multiline)]
    private static partial Regex CurrentLab();
}
