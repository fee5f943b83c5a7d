using KubeLab.Engine.Bootstrap;
using KubeLab.Engine.Flow;
using KubeLab.Tests.Kube;
using static KubeLab.Tests.Bootstrap.FakeCluster;

namespace KubeLab.Tests.Bootstrap;

public sealed partial class JoinTests
{
    [Fact]
    public async Task An_image_of_the_pod_network_that_cannot_be_pulled_is_the_reason_of_the_error()
    {
        const string Cause = "failed to resolve reference: dial tcp 10.77.0.2:5000: connect: connection refused";
        var cluster = CanJoin(_second);
        _k.On("k-2", "join", _ =>
        {
            _k.Nodes.Add(Node("k-2", 2, isReady: false));
            return new(0, "", "");
        });
        var reads = 0;
        _k.Pulls = node =>
        {
            Assert.Equal("k-2", node);
            // The first attempt is followed by a pause, during which older kubelets do not report its error.
            return [new("docker.io/flannel/flannel:v0.28", reads++ == 0 ? Cause : "Back-off pulling image \"docker.io/flannel/flannel:v0.28\"")];
        };

        var error = await Assert.ThrowsAsync<KlException>(() => JoinAsync(cluster));

        Assert.Equal(("ImagesUnreachable", KlErrorKind.Unreachable, "k-2"), (error.ErrorId, error.Kind, error.Target));
        Assert.Equal($"k-2: docker.io/flannel/flannel:v0.28 could not be pulled: {Cause}", error.Message);
        Assert.Contains(_k.Heard.Of(LabEventKind.Detail), line => line.Contains($"k-2 is not Ready: docker.io/flannel", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_that_is_pulled_by_a_later_attempt_is_not_an_error()
    {
        var cluster = CanJoin(_second);
        _k.On("k-2", "join", _ =>
        {
            _k.Nodes.Add(Node("k-2", 2, isReady: false));
            return new(0, "", "");
        });
        var reads = 0;
        _k.Pulls = _ =>
        {
            if (++reads == 10)
                _k.Nodes[^1] = Node("k-2", 2);
            return reads % 3 == 0 ? [] : [new("calico/node", "connection refused")];
        };

        Assert.Equal(2, (await JoinAsync(cluster)).ReadyNodes);
    }

    [Fact]
    public async Task Images_that_system_pods_of_a_node_cannot_pull_are_found()
    {
        await using var fake = await FakeApi.StartAsync();
        fake.On("GET /api/v1/pods", FakeApi.Json($$"""
            {"items":[{{Pod("default", "mine", "ErrImagePull")}}, {{Pod("kube-system", "running", null)}},
            {{Pod("tigera-operator", "operator", "ImagePullBackOff")}}, {{Pod("kube-flannel", "flannel", "ErrImagePull", "initContainerStatuses")}}]}
            """));
        using var api = new ClusterAccess(fake.Session, (_, _, _, _, _) => Task.CompletedTask).Open(fake.Open());

        Assert.Equal([new("operator", "refused"), new("flannel", "refused")], await api.FailedPullsAsync("k-2", default));
        Assert.Contains("fieldSelector=spec.nodeName%3Dk-2", Assert.Single(fake.Seen), StringComparison.Ordinal);

        static string Pod(string ns, string image, string? reason, string list = "containerStatuses") =>
            $$"""{"metadata":{"name":"p","namespace":"{{ns}}"},"status":{"{{list}}":[{"name":"c","image":"{{image}}","state":"""
                + (reason is null ? """{"running":{} }""" : $$"""{"waiting":{"reason":"{{reason}}","message":"refused"} }""") + "}]}}";
    }
}
