using System.Text;
using System.Text.RegularExpressions;
using CliWrap;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>The commands of the README.</summary>
/// <remarks>Most tests require the cluster of the demo. Many require the namespace with pods in every state, or the one with objects to change.</remarks>
[Requires(1, From = 2, To = 100)]
[Requires(21, From = 23, To = 24), Requires(22, From = 23, To = 23)]
[Requires(30, From = 32, To = 45), Requires(30, From = 47, To = 48), Requires(30, From = 50, To = 51), Requires(30, From = 54, To = 54)]
[Requires(46, From = 47, To = 54), Requires(47, From = 54, To = 54), Requires(53, From = 54, To = 54)]
[Requires(60, From = 61, To = 64), Requires(90, From = 91, To = 91)]
[Collection(LabCollection.Name), Trait("Needs", "Lab"), TestCaseOrderer("KubeLab.Tests.Lab.Ordered", "KubeLab.Tests")]
public sealed partial class DemoTests
{
    /// <summary>Messages that appear while stages of the pipeline run. ClusterLabTests interrupt the other stages.</summary>
    private static readonly string[] Stages = ["Creating the machine", "kubeadm join", "Starting the registry", "push: "];

    [Fact, Order(0)]
    public async Task An_interrupted_demo_leaves_nothing_running()
    {
        // If the demo is complete, its stages cannot be interrupted.
        RemoveMachines();
        foreach (var stage in Stages)
        {
            var run = Guid.NewGuid().ToString();
            using var interrupt = new CancellationTokenSource();
            using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(10));
            var output = new StringBuilder();
            var watch = PipeTarget.ToDelegate(line =>
            {
                lock (output)
                    output.AppendLine(line);
                if (line.Contains(stage, StringComparison.Ordinal))
                    interrupt.Cancel();
            });
            // Without a terminal pwsh shows no progress. The verbose and debug lines contain the same steps.
            var demo = Cli.Wrap("env").WithArguments(["--default-signal=INT", "dotnet", Repository.Pwsh, "-NoProfile", "-Command",
                    "$VerbosePreference = $DebugPreference = 'Continue'; ./tests/Demo/demo.ps1"]).WithWorkingDirectory(Repository.Root)
                .WithEnvironmentVariables(env => env.Set("KUBELAB_TEST_RUN", run)).WithValidation(CommandResultValidation.None)
                .WithStandardOutputPipe(watch).WithStandardErrorPipe(watch)
                .ExecuteAsync(timeout.Token, interrupt.Token);
            var end = await Record.ExceptionAsync(() => demo.Task);

            Assert.True(interrupt.IsCancellationRequested, $"did not reach '{stage}':\n{output}");
            Assert.True(end is null or OperationCanceledException, $"{end}");
            Assert.False(timeout.IsCancellationRequested, $"did not end when interrupted at '{stage}':\n{output}");
            Assert.Empty(Running(run));
        }
    }

    [Fact, Order(1)]
    public async Task The_demo_deploys_a_working_wiki()
    {
        // The keys of machines of another process were deleted when it ended.
        if (!Directory.Exists(Path.Combine(TestHome.Path, "kubelab", "kubernetes")))
            RemoveMachines();

        var demo = await OfflineLab.RunAsync("build.sh", "demo");

        Assert.True(demo.ExitCode == 0, demo.StandardOutput + demo.StandardError);
        Assert.Equal(4, NodeAnswer().Count(demo.StandardOutput));
        var replicas = ReadBack().Match(demo.StandardOutput).Groups;
        Assert.NotEqual(replicas["editor"].Value, replicas["reader"].Value);
        Assert.Contains("its replacement has the same page", demo.StandardOutput, StringComparison.Ordinal);
        // Stages that were complete before the last interruption are not repeated.
        Assert.All(["New-KlVm", "Install-KlKubeadm", "Initialize-KlCluster", "Join-KlNode", "New-KlRegistry", "Publish-KlImage", "New-KlDeployment",
            "New-KlService"],
            stage => Assert.Matches($@"{stage}: [\d.]+ s, (\d+ changed|nothing changed)", demo.StandardOutput));
    }

    [Fact, Order(3)]
    public async Task A_second_demo_changes_nothing()
    {
        const string Machines = $"{LabelFilter}.lab=kubernetes";
        var containers = await OfflineLab.DockerAsync("ps", "-aq", "--no-trunc", "--filter", Machines);

        var demo = await OfflineLab.RunAsync("build.sh", "demo");

        Assert.True(demo.ExitCode == 0, demo.StandardOutput + demo.StandardError);
        Assert.Contains("Nothing changed", demo.StandardOutput, StringComparison.Ordinal);
        Assert.Equal(containers, await OfflineLab.DockerAsync("ps", "-aq", "--no-trunc", "--filter", Machines));
    }

    [Fact, Order(4)]
    public async Task Pester_tests_of_objects_pass_in_a_real_shell()
    {
        var pester = await ShellProcess.PesterAsync("tests/Pester/Cluster.Tests.ps1");
        Assert.True(pester.Code == 0, pester.Output + pester.Error);
    }

    [Fact, Order(100)]
    public async Task Clean_removes_all_containers_networks_and_volumes()
    {
        using var alone = await OfflineLab.LockAloneAsync();
        var volumes = await OfflineLab.VolumesAsync(LabelFilter);
        Assert.NotEmpty(volumes);

        var clean = await OfflineLab.RunAsync("build.sh", "clean");
        Assert.True(clean.ExitCode == 0, clean.StandardOutput + clean.StandardError);

        // If the lab started the engine, clean has stopped it. It is started again to check what is left.
        Assert.Equal(0, (await OfflineLab.RunAsync("tests/Lab/lab.sh", "engine")).ExitCode);
        Assert.Empty(await OfflineLab.DockerAsync("ps", "-aq", "--filter", LabelFilter));
        Assert.Empty(await OfflineLab.DockerAsync("network", "ls", "-q", "--filter", LabelFilter));
        Assert.Empty(volumes.Intersect(await OfflineLab.DockerAsync("volume", "ls", "-q")));
    }

    private static void RemoveMachines() => Assert.Empty(Shell.Run("Get-KlVm kubernetes* -Provider Docker | Remove-KlVm -Confirm:$false").Errors);

    // Processes of a run inherit its environment.
    private static IEnumerable<string> Running(string run) => Directory.GetDirectories("/proc", "*").Where(process =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "environ")).Contains(run, StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });

    private const string LabelFilter = "label=org.kubelab";

    [GeneratedRegex(@"^200 http://\S+  .*KubeLab Wiki", RegexOptions.Multiline)]
    private static partial Regex NodeAnswer();

    [GeneratedRegex(@"^Edited through (?<editor>\S+), read back from (?<reader>\S+)\.", RegexOptions.Multiline)]
    private static partial Regex ReadBack();
}
