using CliWrap;
using CliWrap.Buffered;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Machines;

public sealed class NodeScriptTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("128", "1048576", "8192", "1048576")]
    [InlineData("8192", "8192", "8192", "524288")]
    [InlineData("100000", "524288", "100000", "524288")]
    public async Task A_machine_raises_limits_that_are_too_low_and_lowers_none(string instances, string watches, string instancesThen, string watchesThen)
    {
        var (first, second) = (Path.Combine(_folder.Path, "max_user_instances"), Path.Combine(_folder.Path, "max_user_watches"));
        await File.WriteAllTextAsync(first, instances + "\n");
        await File.WriteAllTextAsync(second, watches + "\n");
        var script = Path.Combine(Repository.Root, "src", "KubeLab.Engine", "Machines", "Docker", "Node", "kubelab-limits");
        var result = await Cli.Wrap("bash").WithArguments([script, _folder.Path]).ExecuteBufferedAsync();
        Assert.Equal($"fs.inotify.max_user_instances {instancesThen}\nfs.inotify.max_user_watches {watchesThen}\n", result.StandardOutput);
        Assert.Equal((instancesThen, watchesThen), ((await File.ReadAllTextAsync(first)).Trim(), (await File.ReadAllTextAsync(second)).Trim()));
    }
}
