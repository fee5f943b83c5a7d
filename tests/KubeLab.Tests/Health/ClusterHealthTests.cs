using KubeLab.Tests.Kube;
using KubeLab.Tests.Nodes;
using static KubeLab.Tests.Nodes.RemovalLab;

namespace KubeLab.Tests.Health;

public sealed class ClusterHealthTests
{
    private const string Image = ""","images":[{"names":["mirror:5000/etcd:3"]},{"names":["mirror:5000/pause:3.2"]}]""";
    private const string WithoutConnections = "$cluster | Test-KlCluster -SkipConnections";
    private const string Healthy = "members=https://10.77.1.1:2379 ";

    // The clock of these tests starts at this time.
    private const string Now = "now=946684800.5";

    [Fact]
    public async Task Everything_that_works_has_passed()
    {
        await using var lab = await StartAsync();
        lab.Scripts.On("k-1", "health", Now, "disk=40 /", "api=ok", "registry=10.77.1.1:5000 401");

        var checks = lab.Run(WithoutConnections, lab.Cluster).Good<KlCheck>();

        Assert.Equal(
            [
                "Machine k-1: Passed", "Machine k-2: Passed", "Clock k-1: Passed", "Clock k-2: Passed", "Disk k-1: Passed", "Disk k-2: Passed",
                "Etcd lab: Passed", "ApiServer k-1: Passed", "Api lab: Passed", "Node k-1: Passed", "Node k-2: Passed", "SystemPod lab: Passed",
                "Registry k-1: Passed",
            ],
            checks.Select(check => $"{check}"));
        Assert.DoesNotContain(lab.Api.Seen, one => !one.StartsWith("GET ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("stopped=kubelet (inactive)", "Machine", "Failed", "these services do not run: kubelet (inactive)")]
    [InlineData("now=946684803.5", "Clock", "Warning", "it differs from the clock of this computer by 3.5 s")]
    [InlineData("now=946684797.2", "Clock", "Warning", "it differs from the clock of this computer by 2.8 s")]
    [InlineData("now=", "Clock", "Unknown", "the time could not be read")]
    [InlineData("disk=84 /", "Disk", "Passed", "/ is 84 % full")]
    [InlineData("disk=85 /var/lib/containerd", "Disk", "Warning", "/var/lib/containerd is 85 % full")]
    [InlineData("disk=95 /", "Disk", "Failed", "/ is 95 % full")]
    [InlineData("disk=", "Disk", "Unknown", "the use of the disk could not be read")]
    [InlineData("api=[-]etcd failed: reason withheld", "ApiServer", "Failed", "/readyz returned: [-]etcd failed: reason withheld")]
    [InlineData("registry=r:5000 000", "Registry", "Failed", "r:5000 does not respond, or its certificate is not trusted")]
    [InlineData("registry=r:5000 502", "Registry", "Failed", "r:5000 returned 502")]
    public async Task A_problem_of_a_machine_is_found(string fact, string check, string status, string message)
    {
        await using var lab = await StartAsync();
        string[] facts = ["stopped=", Now, "disk=1 /"];
        lab.Scripts.On("k-2", "health", [.. facts.Where(one => one.Split('=')[0] != fact.Split('=')[0]), fact]);

        var found = lab.Run(WithoutConnections, lab.Cluster).Good<KlCheck>().Single(one => one.Check == check && one.Target == "k-2");

        Assert.Equal((status, message), ($"{found.Status}", found.Message));
        Assert.Equal(found.Status is KlCheckStatus.Failed || status == "Warning", found.NextStep is not null);
    }

    [Fact]
    public async Task A_machine_that_does_not_respond_has_failed()
    {
        await using var lab = await StartAsync();
        lab.Scripts.On("k-2", "health", _ => throw new KlException("HostUnreachable", KlErrorKind.Unreachable, "k-2", "k-2 does not respond", "Start it."));
        var found = lab.Run(WithoutConnections, lab.Cluster).Good<KlCheck>().Where(one => one.Target == "k-2" && one.Status == KlCheckStatus.Failed);
        Assert.Equal(("Machine", "k-2 does not respond", "Start it."), found.Select(one => (one.Check, one.Message, one.NextStep)).Single());
    }

    [Theory]
    [InlineData("", "", "Unknown")]
    [InlineData("1 2 3", "1 2 3", "Passed")]
    [InlineData("1 2 3", "1 3", "Warning")]
    [InlineData("1 2 3", "1", "Failed")]
    public async Task Etcd_needs_more_than_half_of_its_members(string members, string healthy, string status)
    {
        await using var lab = await StartAsync();
        lab.Scripts.On("k-1", "etcd", $"members={Urls(members)}", $"healthy={Urls(healthy)}");
        Assert.Equal(status, $"{lab.Run(WithoutConnections, lab.Cluster).Good<KlCheck>().Single(one => one.Check == "Etcd").Status}");

        static string Urls(string numbers) =>
            string.Join(' ', numbers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(number => $"https://10.77.1.{number}:2379"));
    }

    [Fact]
    public async Task Problems_of_nodes_and_system_pods_are_found()
    {
        await using var lab = await RemovalLab.StartAsync(1);
        Machines(lab, 1);
        lab.Api.On("GET /readyz", FakeApi.Json("ok")).On("GET /api/v1/nodes", FakeApi.Json(List(
            Node("k-1", 1, isReady: false),
            """
            {"metadata":{"name":"k-2"},
             "status":{"conditions":[{"type":"DiskPressure","status":"True","message":"full"},{"type":"Ready","status":"True"}]}}
            """,
            """{"metadata":{"name":"k-3"}}""")))
            .On("GET /api/v1/namespaces/kube-system/pods", FakeApi.Json(List(
                """{"metadata":{"name":"dns"},"status":{"containerStatuses":[{"name":"a","state":{"waiting":{"reason":"ImagePullBackOff"}}}]}}""",
                """{"metadata":{"name":"proxy"},"status":{"conditions":[{"type":"Ready","status":"True"}]}}""",
                """{"metadata":{"name":"job"},"status":{"phase":"Succeeded"}}""")));

        var found = lab.Run(WithoutConnections, lab.Cluster).Good<KlCheck>().Where(one => one.Check is "Node" or "SystemPod");

        Assert.Equal(
            [
                "Node k-1 Failed it has not reported", "Node k-2 Warning DiskPressure: full", "Node k-3 Failed it has not reported",
                "SystemPod dns Warning ImagePullBackOff",
            ],
            found.Select(one => $"{one.Check} {one.Target} {one.Status} {one.Message}"));
    }

    [Fact]
    public async Task Machines_and_etcd_are_checked_while_the_API_server_is_down()
    {
        await using var lab = await RemovalLab.StartAsync(1);
        Machines(lab, 1);
        lab.Api.On("GET /readyz", FakeApi.Status(403, "Forbidden", "denied"));
        Assert.Equal(["Machine k-1: Passed", "Clock k-1: Passed", "Disk k-1: Passed", "Etcd lab: Passed", "Api lab: Failed"],
            lab.Run("$cluster | Test-KlCluster", lab.Cluster).Good<KlCheck>().Select(check => $"{check}"));
    }

    [Fact]
    public async Task Quiet_returns_whether_no_check_failed()
    {
        await using var lab = await StartAsync();
        Assert.True(Assert.Single(lab.Run($"{WithoutConnections} -Quiet", lab.Cluster).Good<bool>()));
        await using var broken = await StartAsync();
        broken.Scripts.On("k-2", "health", "stopped=kubelet (inactive)", Now, "disk=1 /");
        Assert.False(Assert.Single(broken.Run($"{WithoutConnections} -Quiet", broken.Cluster).Good<bool>()));
        var unknown = broken.Run("Test-KlCluster other -Quiet");
        Assert.False(Assert.Single(unknown.Output.Cast<bool>()));
        Assert.Single(unknown.Errors);
    }

    [Fact]
    public async Task Connections_are_checked_from_a_pod_on_each_node_and_nothing_remains()
    {
        await using var lab = await StartAsync(Image);
        Connected(lab);
        var script = "";
        lab.Scripts.On("k-1", "connectivity", input =>
        {
            script = input;
            return new(0, "::fact pod.k-2=ok\n::fact port.k-1=ok\n::fact port.k-2=failed\n::fact service=ok\n::fact dns=ok\n", "");
        });
        lab.Scripts.On("k-2", "connectivity", "pod.k-1=failed", "port.k-1=ok", "port.k-2=ok", "service=failed", "dns=failed");

        var found = lab.Run("$cluster | Test-KlCluster", lab.Cluster).Good<KlCheck>().SkipWhile(one => one.Check != "PodNetwork");

        Assert.Equal(
            [
                "PodNetwork k-1 Passed pods reach pods on 1 nodes", "PodNetwork k-2 Failed pods do not reach pods on k-1",
                "Service k-1 Passed pods reach services", "Service k-2 Failed pods do not reach the service of the API server",
                "NodePort k-1 Failed pods do not reach node ports of k-2", "NodePort k-2 Passed pods reach node ports of 2 nodes",
                "Dns k-1 Passed pods resolve the names of services", "Dns k-2 Failed pods do not resolve the names of services",
            ],
            found.Select(one => $"{one.Check} {one.Target} {one.Status} {one.Message}"));
        Assert.StartsWith("POD='u1'\nPODS='k-2=10.244.1.7:9'\nNODE_PORTS='k-1=10.77.1.1:30007 k-2=10.77.1.2:30007'\n"
            + "SERVICE='10.96.0.1:443'\nDNS='10.96.0.10'\n", script, StringComparison.Ordinal);
        Assert.Contains("mirror:5000/pause:3.2", string.Concat(lab.Api.Bodies.Select(body => body.Text)), StringComparison.Ordinal);
        Assert.Equal(Namespace(lab), lab.Api.Seen.Single(one => one.StartsWith("DELETE", StringComparison.Ordinal)).Split('/', '?')[4]);
    }

    [Fact]
    public async Task The_pods_are_removed_if_the_check_fails()
    {
        await using var lab = await StartAsync(Image);
        Connected(lab, FakeApi.Status(403, "Forbidden", "denied"));
        Assert.Single(lab.Run("$cluster | Test-KlCluster", lab.Cluster).Errors);
        Assert.Equal(Namespace(lab), lab.Api.Seen.Single(one => one.StartsWith("DELETE", StringComparison.Ordinal)).Split('/', '?')[4]);
    }

    [Fact]
    public async Task Connections_are_unknown_without_an_image()
    {
        await using var lab = await StartAsync();
        Assert.Equal("PodNetwork lab: Unknown", $"{lab.Run("$cluster | Test-KlCluster", lab.Cluster).Good<KlCheck>()[^1]}");
    }

    private static async Task<RemovalLab> StartAsync(string more = "")
    {
        var lab = await RemovalLab.StartAsync(2);
        Machines(lab, 2);
        lab.Api.On("GET /readyz", FakeApi.Json("ok")).On("GET /api/v1/namespaces/kube-system/pods", FakeApi.Json(List()));
        return lab.Nodes([.. new[] { 1, 2 }.Select(number => Node($"k-{number}", number).Replace(
            "\"conditions\"", $"{more.TrimStart(',')}{(more.Length > 0 ? "," : "")}\"conditions\"", StringComparison.Ordinal))]);
    }

    private static void Machines(RemovalLab lab, int count)
    {
        for (var number = 1; number <= count; number++)
            lab.Scripts.On($"k-{number}", "health", Now, "disk=40 /");
        lab.Scripts.On("k-1", "etcd", Healthy, "healthy=https://10.77.1.1:2379");
    }

    // The objects that the check creates in its namespace, whose name is random.
    private static void Connected(RemovalLab lab, Microsoft.AspNetCore.Http.RequestDelegate? daemonSet = null)
    {
        lab.Api.On("POST /api/v1/namespaces", FakeApi.Json("""{"metadata":{"name":"x"}}"""));
        lab.Api.On("POST /apis/apps/v1/namespaces/kubelab-test-*/daemonsets", daemonSet ?? FakeApi.Json("""{"metadata":{"name":"connections"}}"""))
            .On("POST /api/v1/namespaces/kubelab-test-*/endpoints", FakeApi.Json("""{"metadata":{"name":"connections"}}"""))
            .On("POST /api/v1/namespaces/kubelab-test-*/services", FakeApi.Json("""{"metadata":{},"spec":{"ports":[{"nodePort":30007}]}}"""))
            .On("GET /api/v1/namespaces/kubelab-test-*/pods", FakeApi.Json(List(Pod(1, "Pending"), Pod(2))), FakeApi.Json(List(Pod(1), Pod(2))))
            .On("DELETE /api/v1/namespaces/kubelab-test-*", FakeApi.Json("{}"));
        lab.Api.On("GET /api/v1/namespaces/default/endpoints/kubernetes", FakeApi.Json("""{"metadata":{"name":"kubernetes"}}"""));
        foreach (var _ in new[] { 1, 2 })
            lab.Api.On("GET /api/v1/namespaces/default/services/kubernetes", FakeApi.Json("""{"metadata":{},"spec":{"clusterIP":"10.96.0.1"}}"""))
                .On("GET /api/v1/namespaces/kube-system/services/kube-dns", FakeApi.Json("""{"metadata":{},"spec":{"clusterIP":"10.96.0.10"}}"""));

        static string Pod(int number, string phase = "Running") =>
            $$$"""
            {"metadata":{"uid":"u{{{number}}}"},"spec":{"nodeName":"k-{{{number}}}"},
             "status":{"phase":"{{{phase}}}","podIP":"10.244.{{{number - 1}}}.7"}}
            """;
    }

    private static string Namespace(RemovalLab lab) =>
        lab.Api.Seen.Single(one => one.EndsWith("/daemonsets?fieldManager=kubelab", StringComparison.Ordinal)).Split('/')[5];
}
