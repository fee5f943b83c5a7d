using KubeLab.Engine.Remote;

namespace KubeLab.Tests.Nodes.Logs;

public sealed class NodeLogCmdletTests
{
    [Fact]
    public async Task Logs_are_read_from_machines_without_an_API_server()
    {
        await using var lab = await RemovalLab.StartAsync(2);
        var inputs = new List<string>();
        foreach (var name in new[] { "k-1", "k-2" })
            lab.Scripts.On(name, "nodelog", input =>
            {
                inputs.Add(input);
                return Lines("T 1700000100", "S 1 journal kubelet", $"L 1 1700000000.000000 {name} kubelet[8]: hello from {name}");
            });

        var result = lab.Run("$cluster.Machines | Get-KlNodeLog -Tail 5 -Since 1m30s", lab.Cluster);

        Assert.Empty(result.Errors);
        Assert.Empty(result.As<KlNodeLogLine>());
        Assert.All(inputs, input => Assert.StartsWith("SOURCES='unit kubelet'\nTAIL='5'\nSINCE='90'\nFOLLOW=''\n", input, StringComparison.Ordinal));
        Assert.Equal(["hello from k-1", "hello from k-2"],
            lab.Run("Get-KlNodeLog k-1, k-2", lab.Cluster).Good<KlNodeLogLine>().Select(line => line.ToString()).Order());
        Assert.Empty(lab.Api.Seen);
    }

    [Fact]
    public async Task A_container_that_some_machine_has_is_not_an_error()
    {
        await using var lab = await RemovalLab.StartAsync(2);
        lab.Scripts.On("k-1", "nodelog", _ => Lines("N */*/none", "S 1 container kube-system/etcd-k-1/etcd", "L 1 2026-01-01T00:00:00Z stderr F elected"));
        lab.Scripts.On("k-2", "nodelog", _ => Lines("N */*/none", "N */*/etcd"));

        var result = lab.Run("$cluster | Get-KlNodeLog -Source etcd, none", lab.Cluster);

        Assert.Equal("elected", Assert.Single(result.As<KlNodeLogLine>()).Text);
        Assert.Equal("No container that matches 'none' has a log on k-1, k-2.", Assert.Single(result.Errors).ToString());
    }

    [Fact]
    public async Task An_invalid_source_is_an_error()
    {
        await using var lab = await RemovalLab.StartAsync(1);
        var error = Assert.Single(lab.Run("Get-KlNodeLog k-1 'a b'").Errors);
        Assert.StartsWith("InputInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(lab.Scripts.Ran);
    }

    [Fact]
    public async Task A_table_shows_node_source_and_text()
    {
        await using var lab = await RemovalLab.StartAsync(1);
        lab.Scripts.On("k-1", "nodelog", _ => Lines("S 1 journal kernel", "L 1 1700000000.000000 k-1 kernel: eth0: link up"));
        Assert.Contains(lab.Run("Get-KlNodeLog k-1 kernel | Out-Default").Screen.Split('\n'),
            line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["k-1", "kernel", "eth0:", "link", "up"]);
    }

    private static CommandResult Lines(params string[] lines) => new(0, string.Concat(lines.Select(line => line + "\n")), "");
}
