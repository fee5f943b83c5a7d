using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

public sealed class ShellScriptTests
{
    [FactWith("shellcheck")]
    public async Task Shellcheck_accepts_every_script()
    {
        string[] folders = ["src", "tests", "examples", ".ci"];
        var scripts = folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
            .Append(Path.Combine(Repository.Root, "build.sh")).Where(IsScript).ToList();
        Assert.Contains(scripts, script => script.EndsWith("kubelab-admit", StringComparison.Ordinal));
        var result = await Cli.Wrap("shellcheck").WithArguments(scripts).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        Assert.Empty(result.StandardOutput + result.StandardError);
    }

    // An MSBuild node stays alive for 15 minutes and keeps the script's output open, so a process that reads the output waits too.
    // A build does not always start a node, so the test reads the scripts.
    [Theory]
    [InlineData("build.sh")]
    [InlineData("build.ps1")]
    public async Task A_build_leaves_no_node_that_keeps_its_output_open(string script) =>
        Assert.Contains(
            "dotnet msbuild build.proj -m:3 -nr:false ", await File.ReadAllTextAsync(Path.Combine(Repository.Root, script)), StringComparison.Ordinal);

    private static bool IsScript(string path)
    {
        if (path.EndsWith(".sh", StringComparison.Ordinal))
            return true;
        using var file = File.OpenText(path);
        return Path.GetExtension(path).Length == 0 && file.ReadLine() is "#!/bin/bash" or "#!/usr/bin/env bash";
    }
}
