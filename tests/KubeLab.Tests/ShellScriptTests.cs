using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests;

public sealed class ShellScriptTests
{
    [Fact]
    public async Task Shellcheck_has_nothing_to_say_about_any_script()
    {
        string[] rooms = ["src", "tests", "examples", ".ci"];
        var scripts = rooms.SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*", SearchOption.AllDirectories))
            .Append(Path.Combine(Repository.Root, "build.sh")).Where(IsScript).ToList();
        Assert.Contains(scripts, script => script.EndsWith("kubelab-admit", StringComparison.Ordinal));
        await DebianPackages.NeedAsync("shellcheck");
        var said = await Cli.Wrap("shellcheck").WithArguments(scripts).WithValidation(CommandResultValidation.None).ExecuteBufferedAsync();
        Assert.Empty(said.StandardOutput + said.StandardError);
    }

    // A node of MSBuild that waits a quarter of an hour for more work holds the script's output open: whoever reads that waits, too.
    // Whether a build needs one is chance, so the scripts are read.
    [Theory]
    [InlineData("build.sh")]
    [InlineData("build.ps1")]
    public async Task A_build_leaves_no_node_that_holds_its_output_open(string script) =>
        Assert.Contains("dotnet msbuild build.proj -m:2 -nr:false ", await File.ReadAllTextAsync(Path.Combine(Repository.Root, script)), StringComparison.Ordinal);

    private static bool IsScript(string path)
    {
        if (path.EndsWith(".sh", StringComparison.Ordinal))
            return true;
        using var file = File.OpenText(path);
        return Path.GetExtension(path).Length == 0 && file.ReadLine() is "#!/bin/bash" or "#!/usr/bin/env bash";
    }
}
