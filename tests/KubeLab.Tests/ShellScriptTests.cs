using CliWrap;
using CliWrap.Buffered;
using KubeLab.Engine.Flow;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

public sealed class ShellScriptTests
{
    // Processes that check at the same time.
    private const int Shares = 4;

    [FactWith("shellcheck")]
    public async Task Shellcheck_accepts_every_script()
    {
        string[] folders = ["src", "tests", "examples", ".ci"];
        var scripts = folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
            .Append(Path.Combine(Repository.Root, "build.sh")).Where(IsScript).ToList();
        Assert.Contains(scripts, script => script.EndsWith("kubelab-admit", StringComparison.Ordinal));
        var shares = scripts.OrderByDescending(script => new FileInfo(script).Length).Select((script, index) => (script, Share: index % Shares))
            .GroupBy(one => one.Share, one => one.script, (_, some) => some.ToArray()).ToList();
        Assert.Empty(string.Concat(await Fleet.AllAsync(shares, CheckAsync, Shares, CancellationToken.None)));

        static async Task<string> CheckAsync(string[] some, CancellationToken stop)
        {
            var result = await Cli.Wrap("shellcheck").WithArguments(some).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync(stop);
            return result.StandardOutput + result.StandardError;
        }
    }

    // An MSBuild node stays alive for 15 minutes and keeps the script's output open, so a process that reads the output waits too.
    // A build does not always start a node, so the test reads the scripts.
    [Theory]
    [InlineData("build.sh")]
    [InlineData("build.ps1")]
    public async Task A_build_leaves_no_node_that_keeps_its_output_open(string script) =>
        Assert.Contains(
            "dotnet msbuild build.proj -m:2 -nr:false ", await File.ReadAllTextAsync(Path.Combine(Repository.Root, script)), StringComparison.Ordinal);

    private static bool IsScript(string path)
    {
        if (path.EndsWith(".sh", StringComparison.Ordinal))
            return true;
        using var file = File.OpenText(path);
        return Path.GetExtension(path).Length == 0 && file.ReadLine() is "#!/bin/bash" or "#!/usr/bin/env bash";
    }
}
