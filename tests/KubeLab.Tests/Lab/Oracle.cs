using System.Text;
using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;

namespace KubeLab.Tests.Lab;

/// <summary>kubectl of the cluster's own version, with the same kubeconfig: what it says is right.</summary>
internal static class Oracle
{
    private static readonly Lazy<Task<string>> Program = new(CopyAsync);

    /// <summary>Runs kubectl to its end, whatever that is.</summary>
    /// <param name="line">Its arguments, with single blanks between them.</param>
    /// <param name="input">What it reads.</param>
    public static Task<BufferedCommandResult> RunAsync(string line, string input = "") => RunAsync(line.Split(' '), input);

    /// <summary>The same with arguments that have blanks in them.</summary>
    public static async Task<BufferedCommandResult> RunAsync(string[] arguments, string input = "")
    {
        var program = await Program.Value;
        return await Cli.Wrap(program).WithArguments(["--cache-dir", program + ".cache", .. arguments]).WithStandardInputPipe(PipeSource.FromString(input, Encoding.UTF8))
            .WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(Encoding.UTF8);
    }

    /// <summary>What kubectl prints; it must not fail.</summary>
    public static Task<string> AskAsync(string line, string input = "") => AskAsync(line.Split(' '), input);

    /// <summary>The same with arguments that have blanks in them.</summary>
    public static async Task<string> AskAsync(string[] arguments, string input = "")
    {
        var end = await RunAsync(arguments, input);
        Assert.True(end.ExitCode == 0, $"kubectl {string.Join(' ', arguments)}: {end.StandardError}");
        return end.StandardOutput;
    }

    /// <summary>The lines that kubectl prints.</summary>
    public static async Task<string[]> LinesAsync(string line, string input = "") => (await AskAsync(line, input)).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>What kubectl prints with -o json.</summary>
    public static async Task<JsonNode> JsonAsync(string line) => JsonNode.Parse(await AskAsync(line + " -o json"))!;

    /// <summary>The columns of a table that kubectl prints, one blank between them.</summary>
    public static async Task<IOrderedEnumerable<string>> ColumnsAsync(string line, int count) =>
        (await LinesAsync(line + " --no-headers")).Select(row => string.Join(' ', row.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(count))).Order(StringComparer.Ordinal);

    /// <summary>What we say is what kubectl says before and after. Where a pod is just changing the kubelet may tell each something else: a difference that counts stays.</summary>
    public static async Task SameAsync(Func<Task<string[]>> theirs, Func<string[]> ours)
    {
        var different = 0;
        for (var before = await theirs(); ; await Task.Delay(100))
        {
            var said = ours();
            var after = await theirs();
            if (before.SequenceEqual(after))
            {
                if (after.SequenceEqual(said))
                    return;
                if (++different == 10)
                    Assert.Equal(after, said);
            }
            before = after;
        }
    }

    private static async Task<string> CopyAsync()
    {
        var path = Path.Combine(OwnHome.Path, "kubectl");
        await OfflineLab.DockerAsync("cp", "kubernetes-1:/usr/bin/kubectl", path);
        return path;
    }
}
