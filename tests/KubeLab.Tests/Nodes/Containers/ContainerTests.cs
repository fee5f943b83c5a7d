using KubeLab.Engine.Nodes.Containers;
using KubeLab.Engine.Remote;
using KubeLab.Tests.Bootstrap;
using static KubeLab.Tests.Nodes.Certificates.NodePem;

namespace KubeLab.Tests.Nodes.Containers;

public sealed class ContainerTests
{
    // crictl of Kubernetes 1.36, and one that writes the JSON of the Go types.
    private const string Current = """
        {"containers":[{"id":"abc","podSandboxId":"p","metadata":{"name":"etcd","attempt":2},"image":{"image":"sha256:1","annotations":{}},
         "imageRef":"sha256:1","state":"CONTAINER_RUNNING","createdAt":"946684790000000000",
         "labels":{"io.kubernetes.container.name":"etcd","io.kubernetes.pod.name":"etcd-k-1","io.kubernetes.pod.namespace":"kube-system"}}]}
        """;

    private const string OfGoTypes = """
        {"containers":[{"id":"abc","pod_sandbox_id":"p","metadata":{"name":"etcd","attempt":2},"image":{"image":"sha256:1"},"image_ref":"sha256:1",
         "state":1,"created_at":946684790000000000,"labels":{"io.kubernetes.pod.name":"etcd-k-1","io.kubernetes.pod.namespace":"kube-system"}}]}
        """;

    private const string Images = """{"images":[{"id":"sha256:1","repoTags":["registry.k8s.io/etcd:3.6"]},{"id":"sha256:2","repo_tags":[]},{"id":null}]}""";

    private static readonly DateTimeOffset Now = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Current)]
    [InlineData(OfGoTypes)]
    public void The_list_of_the_runtime_is_read(string json)
    {
        var read = Assert.Single(Read(json, Images));
        Assert.Equal(("k-1", "kube-system", "etcd-k-1", "etcd", "abc"), (read.Node, read.Namespace, read.Pod, read.Name, read.Id));
        Assert.Equal(("Running", "registry.k8s.io/etcd:3.6", 2), (read.State, read.Image, read.Attempt));
        Assert.Equal((new DateTime(1999, 12, 31, 23, 59, 50, DateTimeKind.Utc), "10s"), (read.Created, $"{read.Age}"));
    }

    [Theory]
    [InlineData("{}", 0)]
    [InlineData("""{"containers":null}""", 0)]
    [InlineData("""{"containers":[null,7,{}]}""", 1)]
    [InlineData("""{"containers":[{"id":7,"metadata":7,"labels":[],"image":"x","state":{},"createdAt":"-1","imageRef":[]}]}""", 1)]
    [InlineData("""{"containers":[{"state":99,"createdAt":99999999999999999999,"metadata":{"attempt":-3}}]}""", 1)]
    public void Unexpected_fields_are_unknown(string json, int count)
    {
        var all = Read(json, "");
        Assert.Equal(count, all.Count);
        Assert.All(all, one => Assert.Equal(("", null, null, 0), (one.Id, one.Pod, one.Created, one.Attempt)));
    }

    [Theory]
    [InlineData("C %%%")]
    [InlineData("C e30gew==")]
    public void A_list_that_cannot_be_read_is_an_error(string line)
    {
        var reader = new ContainerReader();
        reader.Take(line);
        Assert.Equal("ContainersUnreadable", Assert.Throws<KlException>(() => reader.Read("k-1", Now)).ErrorId);
    }

    [Fact]
    public async Task Containers_of_machines_are_listed_without_an_API_server()
    {
        await using var lab = await RemovalLab.StartAsync(2);
        lab.Scripts.On("k-1", "containers", _ => new CommandResult(0, $"C {Base64(Current)[..40]}\nC {Base64(Current)[40..]}\nI {Base64(Images)}\n", ""));
        lab.Scripts.On("k-2", "containers", _ => new CommandResult(3, "::error ContainersUnreadable crictl is not installed\n", ""));

        var result = lab.Run("$cluster.Machines | Get-KlContainer", lab.Cluster);

        Assert.Equal("registry.k8s.io/etcd:3.6", Assert.Single(result.As<KlContainer>()).Image);
        Assert.Equal("k-2: crictl is not installed", Assert.Single(result.Errors).ToString());
        Assert.Empty(lab.Api.Seen);
        Assert.Contains(lab.Run("Get-KlContainer k-1 | Out-Default").Screen.Split('\n'),
            line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["k-1", "kube-system", "etcd-k-1", "etcd", "Running", "2", "10s"]);
    }

    [Fact]
    public async Task The_script_prints_the_lists_of_crictl_and_fails_with_its_error()
    {
        using var node = new NodeBash();
        var list = new string('x', 40_000);
        var (exit, output) = await node.RunAsync("containers", $$"""
            crictl() { [[ $* != *' ps --all --output json' ]] || printf %s {{list}}; [[ $* != *' images --output json' ]] || { echo no; false; }; }
            main </dev/null
            """);
        Assert.Equal(0, exit);
        Assert.Equal(list, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(string.Concat(
            output.Split('\n').Where(line => line.StartsWith("C ", StringComparison.Ordinal)).Select(line => line[2..])))));
        Assert.True(output.Split('\n').Max(line => line.Length) < 60_000);
        Assert.NotEqual(0, (await node.RunAsync("containers", "crictl() { false; }\nmain </dev/null")).Exit);
        Assert.Equal("::error ContainersUnreadable crictl is not installed\n",
            (await node.RunAsync("containers", "command() { return 1; }\nmain </dev/null")).Output);
    }

    private static IReadOnlyList<KlContainer> Read(string containers, string images)
    {
        var reader = new ContainerReader();
        foreach (var line in new[] { "C " + Base64(containers), "I " + Base64(images), "other", "X y" })
            reader.Take(line);
        return reader.Read("k-1", Now);
    }
}
