using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>The objects of a cluster, compared with kubectl.</summary>
public sealed partial class DemoTests
{
    private const string Runs = $"image: '{Debian}', command: ";
    private const string Sleeps = Runs + "[sleep, infinity]";
    private const string Nowhere = "schedulerName: none";

    // Name, expected status, container, and the rest of the spec.
    private static readonly (string Name, string Status, string Container, string Spec)[] States =
    [
        ("running", "Running", $$"""
            {{Sleeps}}, ports: [{containerPort: 8080, name: http}],
              env: [{name: PLAIN, value: a b}, {name: FIELD, valueFrom: {fieldRef: {fieldPath: metadata.name} } }],
              livenessProbe: {exec: {command: [test, -d, /]}, periodSeconds: 7},
              readinessProbe: {exec: {command: ['true']}, initialDelaySeconds: 1, timeoutSeconds: 2},
              resources: {requests: {cpu: 10m, memory: 16Mi}, limits: {memory: 1Gi} }, volumeMounts: [{name: scratch, mountPath: /scratch}]
            """, "volumes: [{name: scratch, emptyDir: {}}]"),
        ("unready", "Running", Sleeps + ", readinessProbe: {exec: {command: ['false']}}", ""),
        ("completed", "Completed", Runs + "['true']", "restartPolicy: Never"),
        ("failed", "Error", Runs + "[bash, -c, exit 3]", "restartPolicy: Never"),
        ("killed", "Error", Runs + "[bash, -c, kill -KILL $$]", "restartPolicy: Never"),
        ("crashing", "CrashLoopBackOff", Runs + "[bash, -c, echo last words of $HOSTNAME; exit 4]", ""),
        ("half-done", "NotReady", Sleeps + "}, {name: done, " + Runs + "[seq, '3']", "restartPolicy: OnFailure"),
        ("init-waiting", "Init:0/1", Sleeps, "initContainers: [{name: first, " + Sleeps + "}]"),
        ("init-failed", "Init:Error", Sleeps, "restartPolicy: Never, initContainers: [{name: first, " + Runs + "['false']}]"),
        ("init-crashing", "Init:CrashLoopBackOff", Sleeps, "initContainers: [{name: first, " + Runs + "['false']}]"),
        ("no-image", "ErrImageNeverPull", "image: 'docker.io/library/none:1', imagePullPolicy: Never", ""),
        ("no-pull", "ImagePullBackOff", "image: '127.0.0.1:1/none:1'", ""),
        ("no-secret", "CreateContainerConfigError", Sleeps + ", env: [{name: A, valueFrom: {secretKeyRef: {name: none, key: a}}}]", ""),
        ("no-volume", "ContainerCreating", Sleeps + ", volumeMounts: [{name: v, mountPath: /v}]", "volumes: [{name: v, configMap: {name: none}}]"),
        ("unscheduled", "Pending", Sleeps, Nowhere),
        ("evicted", "Evicted", Sleeps, Nowhere),
        ("terminating", "Terminating", Sleeps, Nowhere),
    ];

    [Fact, Order(30)]
    public async Task Pods_have_the_same_status_as_in_kubectl()
    {
        await NeedImageAsync();
        Invoke("New-KlNamespace states; $pods | Publish-KlManifest", ("pods", string.Concat(States.Select(one => Pod(one.Name, one.Container, one.Spec)))));
        // States that need resource pressure or an endless operation.
        var evicted = await Oracle.JsonAsync("get pod evicted -n states");
        evicted["status"] = new JsonObject { ["phase"] = "Failed", ["reason"] = "Evicted", ["message"] = "The node was low on resource: memory." };
        await Oracle.AskAsync("replace --raw /api/v1/namespaces/states/pods/evicted/status -f -", evicted.ToJsonString());
        await Oracle.AskAsync("patch pod terminating -n states -p {\"metadata\":{\"finalizers\":[\"example.org/held\"]}}");
        await Oracle.AskAsync("delete pod terminating -n states --wait=false");

        var awaited = States.ToDictionary(one => one.Name, one => one.Status);
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (awaited.Count > 0)
        {
            await Oracle.SameAsync(async () => (await Oracle.ColumnsAsync("get pods -n states", 4)).ToArray(), () =>
            {
                var pods = Invoke("Get-KlPod -Namespace states").As<KlPod>();
                foreach (var pod in pods.Where(pod => awaited.GetValueOrDefault(pod.Name) == pod.Status))
                    awaited.Remove(pod.Name);
                return [.. pods.Select(p => $"{p.Name} {p.Ready} {p.Status} {p.Restarts}").Order(StringComparer.Ordinal)];
            });
            Assert.False(timeout.IsCancellationRequested, $"states not reached: {string.Join(", ", awaited)}");
        }
    }

    [Fact, Order(31)]
    public async Task Objects_of_all_kinds_are_the_same_as_in_kubectl()
    {
        var kinds = (await Oracle.LinesAsync("api-resources --verbs=list -o name")).Except(["componentstatuses", "events", "events.events.k8s.io"]).ToList();
        Assert.True(kinds.Count > 40, string.Join(", ", kinds));
        await Oracle.SameAsync(
            async () => (await Oracle.LinesAsync($"get {string.Join(',', kinds)} -A --no-headers -o "
                + "custom-columns=:apiVersion,:kind,:metadata.namespace,:metadata.name")).Select(Blanks).Order(StringComparer.Ordinal).ToArray(),
            () => [.. Invoke("Get-KlResource $kinds -AllNamespaces", ("kinds", kinds)).As<KlResource>()
                .Select(one => $"{one.ApiVersion} {one.Kind} {one.Namespace ?? "<none>"} {one.Name}").Order(StringComparer.Ordinal)]);

        var actual = Invoke("Get-KlResource $kinds -AllNamespaces -ShowSecret", ("kinds", kinds)).As<KlResource>().ToDictionary(Id, one => one.Json);
        var same = 0;
        foreach (var expected in (await Oracle.JsonAsync($"get {string.Join(',', kinds)} -A"))["items"]!.AsArray())
            // Ignores objects that changed in the meantime.
            if (actual.TryGetValue(Id(expected!), out var json) && JsonNode.Parse(json) is { } seen
                && $"{seen["metadata"]!["resourceVersion"]}" == $"{expected!["metadata"]!["resourceVersion"]}")
            {
                Assert.True(JsonNode.DeepEquals(expected, seen), $"{expected}\n{seen}");
                same++;
            }
        Assert.True(same > 0.9 * actual.Count, $"{same} of {actual.Count}");

        static string Id(object one) => one is KlResource of ? $"{of.ApiVersion} {of.Kind} {of.Namespace} {of.Name}"
            : (JsonNode)one is var json ? $"{json["apiVersion"]} {json["kind"]} {json["metadata"]!["namespace"]} {json["metadata"]!["name"]}" : "";
    }

    [Theory, Order(32)]
    [InlineData("Get-KlPod -Namespace states -Label 'state in (running,failed),state!=failed'", "pods -n states -l state%in%(running,failed),state!=failed")]
    [InlineData("Get-KlPod -AllNamespaces -Field spec.nodeName=kubernetes-2,status.phase!=Running",
        "pods -A --field-selector spec.nodeName=kubernetes-2,status.phase!=Running")]
    [InlineData("Get-KlNode -Label node-role.kubernetes.io/master", "nodes -l node-role.kubernetes.io/master")]
    [InlineData("Get-KlDeployment -AllNamespaces -Label k8s-app", "deployments -A -l k8s-app")]
    [InlineData("Get-KlService -AllNamespaces -Field metadata.name=kubernetes", "services -A --field-selector metadata.name=kubernetes")]
    [InlineData("Get-KlResource ep,cm -Namespace kube-system -Label '!endpointslice.kubernetes.io/skip-mirror'",
        "ep,cm -n kube-system -l !endpointslice.kubernetes.io/skip-mirror")]
    [InlineData("Get-KlResource all", "all")]
    [InlineData("Get-KlDeployment coredns -Namespace kube-system | Get-KlPod", "pods -n kube-system -l k8s-app=kube-dns")]
    [InlineData("Get-KlService kube-dns -Namespace kube-system | Get-KlPod", "pods -n kube-system -l k8s-app=kube-dns")]
    [InlineData("Get-KlPod -For ds/kube-proxy -Namespace kube-system", "pods -n kube-system -l k8s-app=kube-proxy")]
    [InlineData("Get-KlNode kubernetes-2 | Get-KlPod", "pods -A --field-selector spec.nodeName=kubernetes-2")]
    public async Task Selectors_have_the_meaning_of_kubectl(string actual, string expected)
    {
        var names = (await Oracle.RunAsync(["get", "-o", "name", .. expected.Split(' ').Select(part => part.Replace('%', ' '))])).StandardOutput.Split('\n',
            StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEmpty(names);
        Assert.Equal(names.Select(name => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..]).Order(),
            Invoke(actual).Output.Select(one => $"{one}").Order());
    }

    [Fact, Order(33)]
    public async Task The_stack_leads_from_applications_to_the_cloud_platform()
    {
        var stack = Invoke("Get-KlCluster kubernetes | Get-KlStack").As<KlStackItem>().ToList();
        Assert.Equal(Enum.GetValues<KlStackLayer>(), stack.Select(one => one.Layer).Distinct());
        var engine = (await OfflineLab.DockerAsync("version", "--format", "{{.Server.Version}}"))[0];
        var runtime = (await Oracle.RunAsync(["get", "node", "kubernetes-1", "-o", "jsonpath={.status.nodeInfo.containerRuntimeVersion}"])).StandardOutput;
        Assert.Subset(stack.Select(one => (one.Layer, one.Component, one.Version, one.Count, one.DeployedBy)).ToHashSet(),
            new HashSet<(KlStackLayer, string, string?, int, string?)>
            {
                (KlStackLayer.Containers, "Kubernetes", "v1.20.2", 4, "kubeadm"),
                (KlStackLayer.Containers, "containerd", runtime["containerd://".Length..], 4, "kubelab"),
                (KlStackLayer.Containers, "kube-apiserver", "v1.20.2", 1, "kubeadm"),
                (KlStackLayer.Containers, "kube-proxy", "v1.20.2", 4, "kubeadm"),
                (KlStackLayer.Containers, "registry", null, 1, "kubelab"),
                (KlStackLayer.VirtualResources, "container", "debian:12", 4, "Docker"),
                (KlStackLayer.CloudPlatform, "Docker Engine", engine, 1, null),
            });
        Assert.Contains(stack, one => one is { Layer: KlStackLayer.Application, Component: "web", Count: 3, DeployedBy: "kubelab" });
    }

    [Fact, Order(33)]
    public void Wildcards_are_case_insensitive() =>
        Assert.Equal(["init-crashing", "init-failed", "init-waiting", "no-pull"],
            Invoke("Get-KlPod INIT-*, no-p?ll -Namespace states").As<KlPod>().Select(pod => pod.Name).Order());

    [Theory, Order(34)]
    [InlineData("Get-KlNode", "nodes", "NAME STATUS ROLES AGE VERSION", 5)]
    [InlineData("Get-KlPod -Namespace kube-system", "pods -n kube-system", "NAME READY STATUS RESTARTS AGE", 5)]
    [InlineData("Get-KlDeployment", "deployments", "NAME READY UP-TO-DATE AVAILABLE AGE", 5)]
    [InlineData("Get-KlEvent -Namespace default", "events -n default", "LAST SEEN TYPE REASON OBJECT MESSAGE", 4)]
    public Task Tables_have_the_columns_and_values_of_kubectl(string actual, string expected, string header, int columns) => Oracle.SameAsync(
        async () => Table(await Oracle.LinesAsync($"get {expected}"), header, columns), () => Table(Shell.Show(actual).Split('\n'), header, columns));

    [Fact, Order(34)]
    public async Task Services_have_a_view_with_the_columns_of_kubectl()
    {
        const string Header = "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE";
        var run = await ShellProcess.RunAsync(
            "$PSStyle.OutputRendering = 'PlainText'; Get-KlService | Format-Table -View Kubectl | Out-String -Width 120", new Dictionary<string, string?>());
        Assert.True(run.Code == 0, run.Error);
        // Without the age.
        Assert.Equal(Table(await Oracle.LinesAsync("get services"), Header, 5), Table(run.Output.Split('\n'), Header, 5));
    }

    // The columns below the header that are not truncated at the edge of the screen.
    private static string[] Table(string[] lines, string header, int columns)
    {
        Assert.Contains(lines, line => Blanks(line).StartsWith(header, StringComparison.OrdinalIgnoreCase));
        var rows = lines.Select(Blanks).SkipWhile(line => !line.StartsWith(header, StringComparison.OrdinalIgnoreCase)).Skip(1)
            .Where(line => line.Length > 0 && line[0] != '-');
        return [.. rows.Select(row => string.Join(' ', row.Split(' ').Take(columns))).Order(StringComparer.Ordinal)];
    }

    [Theory, Order(35)]
    [InlineData("pod running -n states", "Get-KlPod running -Namespace states")]
    [InlineData("pod crashing -n states", "Get-KlPod crashing -Namespace states")]
    [InlineData("pod half-done -n states", "Get-KlPod half-done -Namespace states")]
    [InlineData("pod init-crashing -n states", "Get-KlPod init-crashing -Namespace states")]
    [InlineData("pod no-secret -n states", "Get-KlPod no-secret -Namespace states")]
    [InlineData("node kubernetes-2", "Get-KlNode kubernetes-2")]
    [InlineData("deployment web", "Get-KlDeployment web")]
    public async Task The_list_view_shows_the_information_of_kubectl_describe(string expected, string actual)
    {
        string[] facts = [];
        await Oracle.SameAsync(async () => facts = Facts(await Oracle.AskAsync($"describe {expected}")), () =>
        {
            var detail = Invoke($"{actual} | ForEach-Object {{ $_.Detail() }}").As<KubeDetail>().Single();
            var events = Invoke($"{actual} | Get-KlEvent").As<KlEvent>().Select(e => $"{e.Type} {e.Reason} {e.Message}");
            string[] parts = [detail.Conditions, detail.Containers, detail.Volumes, detail.Labels, detail.Taints, detail.Strategy, .. events];
            var text = Blanks(string.Join(' ', parts).ReplaceLineEndings(" "));
            return [.. facts.Where(fact => text.Contains(fact, StringComparison.Ordinal))];
        });
        Assert.True(facts.Length > 5, string.Join('\n', facts));
    }

    /// <summary>Extracts the information from kubectl describe, in KubeLab's format.</summary>
    private static string[] Facts(string described)
    {
        var facts = new List<string>();
        foreach (var (pattern, words) in new (string, Func<GroupCollection, string>)[]
        {
            (@"^ +Image: +(\S+)", of => $": {of[1]}"),
            (@"^ +Exit Code: +(\d+)", of => $"exit code {of[1]}"),
            (@"^ +Restart Count: +(\d+)", of => $"{of[1]} restarts"),
            (@"^ +Reason: +(\w+)", of => $"({of[1]})"),
            (@"^ +(?:Liveness|Readiness): +exec \[(.+)\] delay=(\d+)s timeout=(\d+)s period=(\d+)s #success=1 #failure=(\d+)",
                of => $"exec {of[1]}, delay {of[2]} s, timeout {of[3]} s, period {of[4]} s, {of[5]} failures"),
            (@"^  (\w+) +(True|False|Unknown) ", of => $"{of[1]} {of[2]}"),
            (@"^(?:Labels:|  )  +([\w./-]+=\S*)$", of => of[1].Value),
            (@"^ +(\S+):\n +Type: ", of => $"{of[1]}: "),
            (@"^Taints: +(\S+:\S+)", of => of[1].Value),
            (@"^  (Normal|Warning) +(\w+) +\S+(?: \(x\d+ over \S+\))? +\S+ +(.+)$", of => $"{of[1]} {of[2]} {Blanks(of[3].Value)}"),
        })
            facts.AddRange(Regex.Matches(described, pattern, RegexOptions.Multiline).Select(match => words(match.Groups)));
        return [.. facts];
    }

    // The one image with a shell, on the node whose pods need it.
    private static async Task NeedImageAsync()
    {
        if ((await OfflineLab.DockerAsync("exec", "kubernetes-2", "ctr", "-n", "k8s.io", "images", "list", "-q", $"name=={Debian}")).Length > 0)
            return;
        using var folder = new Machines.Folder();
        var image = Path.Combine(folder.Path, "image.tar");
        await OfflineLab.DockerAsync("save", "--output", image, "debian:12");
        await OfflineLab.DockerAsync("cp", image, "kubernetes-2:/root/image.tar");
        await OfflineLab.DockerAsync("exec", "kubernetes-2", "ctr", "-n", "k8s.io", "images", "import", "/root/image.tar");
    }

    private static string Blanks(string line) => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Creates the manifest of a pod, by default on the node that has the image.</summary>
    private static string Pod(string name, string container, string spec) => $$"""
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: '{{name}}', namespace: states, labels: {state: '{{name}}'} }
        spec: {terminationGracePeriodSeconds: 0, automountServiceAccountToken: false,
          {{(spec == Nowhere ? spec : "nodeName: kubernetes-2" + (spec.Length == 0 ? "" : ", " + spec))}},
          containers: [{name: shell, {{container}}}]}

        """;
}
