using System.Text;
using System.Text.RegularExpressions;
using CliWrap;
using KubeLab.Host;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>The promise of the README, as its reader would type it.</summary>
[Collection(LabCollection.Name), Trait("Needs", "Lab"), TestCaseOrderer("KubeLab.Tests.Lab.Ordered", "KubeLab.Tests")]
public sealed partial class DemoTests
{
    /// <summary>Each line shows while one stage of the pipeline is at work.</summary>
    private static readonly string[] Stages =
        ["creates the machine", "Installing Kubernetes", "kubeadm init", "kubeadm join", "Starting the registry", "push: ", "web: deploying"];

    [Fact, Chapter(0)]
    public async Task A_demo_that_is_interrupted_at_any_stage_leaves_nothing_running()
    {
        // A demo of before would leave nothing to interrupt.
        Assert.Empty(Shell.Run("Get-KlVm kubernetes* -Provider Docker | Remove-KlVm -Confirm:$false").Errors);
        foreach (var stage in Stages)
        {
            var run = Guid.NewGuid().ToString();
            using var interrupt = new CancellationTokenSource();
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
            var said = new StringBuilder();
            var watch = PipeTarget.ToDelegate(line =>
            {
                lock (said)
                    said.AppendLine(line);
                if (line.Contains(stage, StringComparison.Ordinal))
                    interrupt.Cancel();
            });
            // In the console host also where there is a pwsh, which says no step unless there is a terminal.
            var demo = Cli.Wrap("env").WithArguments(["--default-signal=INT", "dotnet", typeof(Session).Assembly.Location, "tests/Demo/demo.ps1"]).WithWorkingDirectory(Repository.Root)
                .WithEnvironmentVariables(env => env.Set("KUBELAB_TEST_RUN", run)).WithValidation(CommandResultValidation.None)
                .WithStandardOutputPipe(watch).WithStandardErrorPipe(watch)
                .ExecuteAsync(patience.Token, interrupt.Token);
            var end = await Record.ExceptionAsync(() => demo.Task);

            Assert.True(interrupt.IsCancellationRequested, $"never came to '{stage}':\n{said}");
            Assert.IsAssignableFrom<OperationCanceledException>(end);
            Assert.False(patience.IsCancellationRequested, $"did not end when interrupted at '{stage}':\n{said}");
            Assert.Empty(Running(run));
        }
    }

    [Fact, Chapter(1)]
    public async Task Demo_takes_a_machine_from_nothing_to_a_wiki_and_proves_it()
    {
        var demo = await OfflineLab.RunAsync("build.sh", "demo");

        Assert.True(demo.ExitCode == 0, demo.StandardOutput + demo.StandardError);
        Assert.Equal(4, NodeAnswer().Count(demo.StandardOutput));
        var replicas = ReadBack().Match(demo.StandardOutput).Groups;
        Assert.NotEqual(replicas["editor"].Value, replicas["reader"].Value);
        Assert.Contains("its successor still has the page", demo.StandardOutput, StringComparison.Ordinal);
        // What was done when the last stage was interrupted is not done again.
        Assert.All(["New-KlVm", "Install-KlKubeadm", "Initialize-KlCluster", "Join-KlNode", "New-KlRegistry", "Publish-KlImage", "New-KlDeployment", "New-KlService"],
            stage => Assert.Matches($@"{stage}: [\d.]+ s, (\d+ changed|nothing changed)", demo.StandardOutput));
    }

    [Fact, Chapter(3)]
    public async Task A_second_demo_changes_nothing_and_says_so()
    {
        var containers = await OfflineLab.DockerAsync("ps", "-aq", "--no-trunc", "--filter", Ours);

        var demo = await OfflineLab.RunAsync("build.sh", "demo");

        Assert.True(demo.ExitCode == 0, demo.StandardOutput + demo.StandardError);
        Assert.Contains("Nothing changed", demo.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(containers, await OfflineLab.DockerAsync("ps", "-aq", "--no-trunc", "--filter", Ours));
    }

    [Fact, Chapter(4)]
    public async Task A_real_shell_does_with_the_objects_what_it_does_with_any()
    {
        var pester = await ShellProcess.PesterAsync("tests/Pester/Cluster.Tests.ps1");
        Assert.True(pester.Code == 0, pester.Output + pester.Error);
    }

    [Fact, Chapter(100)]
    public async Task Clean_leaves_no_container_network_or_volume_of_ours()
    {
        string[] machines = await OfflineLab.DockerAsync("ps", "-aq", "--filter", Ours);
        string[] volumes = await OfflineLab.DockerAsync(["inspect", "--format", "{{range .Mounts}}{{.Name}}{{println}}{{end}}", .. machines]);
        Assert.NotEmpty(volumes);

        var clean = await OfflineLab.RunAsync("build.sh", "clean");
        Assert.True(clean.ExitCode == 0, clean.StandardOutput + clean.StandardError);

        // An engine that the lab started has been stopped; what is left on it shows once it is back.
        Assert.Equal(0, (await OfflineLab.RunAsync("tests/Lab/lab.sh", "engine")).ExitCode);
        Assert.Empty(await OfflineLab.DockerAsync("ps", "-aq", "--filter", Ours));
        Assert.Empty(await OfflineLab.DockerAsync("network", "ls", "-q", "--filter", Ours));
        Assert.Empty(volumes.Intersect(await OfflineLab.DockerAsync("volume", "ls", "-q")));
    }

    // Whatever a run started inherits its environment.
    private static IEnumerable<string> Running(string run) => Directory.GetDirectories("/proc", "*").Where(process =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "environ")).Contains(run, StringComparison.Ordinal);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private const string Ours = "label=org.kubelab";

    [GeneratedRegex(@"^200 http://\S+  .*KubeLab Wiki", RegexOptions.Multiline)]
    private static partial Regex NodeAnswer();

    [GeneratedRegex(@"^Edited through (?<editor>\S+), read back from (?<reader>\S+)\.", RegexOptions.Multiline)]
    private static partial Regex ReadBack();
}
