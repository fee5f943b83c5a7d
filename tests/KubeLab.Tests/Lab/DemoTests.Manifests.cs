using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Lab;

/// <summary>Manifests, compared with kubectl apply --server-side.</summary>
public sealed partial class DemoTests
{
    // In an arbitrary order: an object, its custom resource definition, its namespace.
    private const string OutOfOrder = """
        apiVersion: example.org/v1
        kind: Wish
        metadata: {name: first, namespace: wishes}
        spec: {text: peace}
        ---
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: wishes.example.org}
        spec:
          group: example.org
          scope: Namespaced
          names: {plural: wishes, singular: wish, kind: Wish, shortNames: [wi]}
          versions:
          - name: v1
            served: true
            storage: true
            schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {text: {type: string, maxLength: 9} } } } } }
        ---
        {apiVersion: v1, kind: Namespace, metadata: {name: wishes} }
        ---
        {apiVersion: v1, kind: ConfigMap, metadata: {name: many, namespace: wishes}, data: {a: '1', b: '2'} }
        """;

    [Fact, Order(60)]
    public async Task Objects_are_applied_in_order_and_custom_resources_keep_all_fields()
    {
        var applied = Invoke("$text | Publish-KlManifest", ("text", OutOfOrder)).As<KlResource>();
        Assert.Equal(["Created ConfigMap", "Created CustomResourceDefinition", "Created Namespace", "Created Wish"],
            applied.Select(one => $"{one.Change} {one.Kind}").Order());
        // No changes remain, also for kubectl.
        const string Which = " -f - -o json";
        Assert.Equal(Documents(await Oracle.AskAsync("get" + Which, OutOfOrder)).Select(Comparable),
            Documents(await Oracle.AskAsync("apply --server-side --dry-run=server --field-manager kubelab" + Which, OutOfOrder)).Select(Comparable));
        Assert.Empty(Invoke("$text | Compare-KlManifest", ("text", OutOfOrder)).Output);
        Assert.All(Invoke("$text | Publish-KlManifest", ("text", OutOfOrder)).As<KlResource>(), one => Assert.Equal("Unchanged", one.Change));
        var expected = await Oracle.JsonAsync("get wi first -n wishes");
        var actual = Invoke("Get-KlResource wi -Namespace wishes").As<KlResource>().Single();
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(actual.Json)), actual.Json);
    }

    [Fact, Order(61)]
    public async Task Compare_shows_the_changes_of_kubectl_diff()
    {
        var changed = OutOfOrder.Replace("a: '1', b: '2'", "a: '3', c: '4'", StringComparison.Ordinal).Replace("peace", "rain", StringComparison.Ordinal);
        var fields = Invoke("$text | Publish-KlManifest -WhatIf", ("text", changed)).As<KlFieldChange>();
        Assert.Equal(["data.a: 1 -> 3", "data.b: 2 -> ", "data.c:  -> 4", "spec.text: peace -> rain"],
            fields.Select(one => $"{one.Field}: {one.Before} -> {one.After}").Order());
        var diff = await Oracle.RunAsync("diff --server-side --field-manager kubelab -f -", changed);
        Assert.Equal(1, diff.ExitCode);
        Assert.Equal(["+  a: \"3\"", "+  c: \"4\"", "+  text: rain", "-  a: \"1\"", "-  b: \"2\"", "-  text: peace"],
            diff.StandardOutput.Split('\n').Where(line => line is ['+' or '-', ' ', ' ', 'a' or 'b' or 'c' or 't', ..]).Order(StringComparer.Ordinal));
        Assert.Equal("1", await KubectlGetAsync("configmap many", "{.data.a}", "wishes"));
    }

    [Fact, Order(62)]
    public async Task A_field_of_another_manager_is_a_conflict_unless_forced()
    {
        await Oracle.AskAsync("apply --server-side --force-conflicts --field-manager somebody -f -",
            """{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "many", "namespace": "wishes"}, "data": {"a": "theirs"} }""");
        var applied = await Oracle.RunAsync("apply --server-side --field-manager kubelab -f -",
            """{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "many", "namespace": "wishes"}, "data": {"a": "1"} }""");
        Assert.Contains("conflict with \"somebody\"", applied.StandardError, StringComparison.Ordinal);

        var result = Shell.Run("$text | Publish-KlManifest", variables: new Dictionary<string, object?> { ["text"] = OutOfOrder });
        var error = Assert.Single(result.Errors);
        Assert.Equal(System.Management.Automation.ErrorCategory.ResourceExists, error.CategoryInfo.Category);
        Assert.All(new[] { "somebody", "data.a" }, word => Assert.Contains(word, error.ToString(), StringComparison.Ordinal));
        Assert.Equal(3, result.As<KlResource>().Count);
        Assert.Equal("theirs", await KubectlGetAsync("configmap many", "{.data.a}", "wishes"));

        Invoke("$text | Publish-KlManifest -Force", ("text", OutOfOrder));
        Assert.Equal("1", await KubectlGetAsync("configmap many", "{.data.a}", "wishes"));
    }

    [Fact, Order(62)]
    public async Task An_object_of_kubectl_apply_is_taken_over_and_removed_fields_are_deleted()
    {
        static string Manifest(string data) =>
            $$"""{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "taken", "namespace": "wishes"}, "data": {{{data}}} }""";
        await Oracle.AskAsync("apply -f -", Manifest("\"kept\": \"1\", \"dropped\": \"2\""));

        Invoke("$text | Publish-KlManifest", ("text", Manifest("\"kept\": \"3\"")));

        Assert.Equal("{\"kept\":\"3\"}", await KubectlGetAsync("configmap taken", "{.data}", "wishes"));
    }

    [Fact, Order(63)]
    public async Task Each_rejected_object_is_an_error_and_the_others_are_applied()
    {
        const string Mixed = """
            {apiVersion: example.org/v1, kind: Wish, metadata: {name: too-long, namespace: wishes}, spec: {text: 0123456789} }
            ---
            {apiVersion: example.org/v1, kind: Wonder, metadata: {name: none, namespace: wishes} }
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: good, namespace: wishes}, data: {a: '1'} }
            ---
            {apiVersion: v1, kind: ConfigMap, metadata: {name: homeless, namespace: nowhere}, data: {a: '1'} }
            """;
        var result = Shell.Run("$text | Publish-KlManifest", variables: new Dictionary<string, object?> { ["text"] = Mixed });
        Assert.Equal("good", result.As<KlResource>().Single().Name);
        Assert.Equal(["none", "nowhere", "too-long"], new[] { "none", "nowhere",
            "too-long" }.Where(name => result.Errors.Any(error => error.ToString().Contains(name, StringComparison.Ordinal))));
        Assert.Equal(3, result.Errors.Count);
        Assert.Equal("1", await KubectlGetAsync("configmap good", "{.data.a}", "wishes"));
    }

    [Fact, Order(64)]
    public async Task Remove_deletes_objects_with_their_namespace_and_kind()
    {
        Invoke("$text | Remove-KlManifest -Confirm:$false", ("text", OutOfOrder));
        Assert.Contains("NotFound", (await Oracle.RunAsync("get namespace wishes")).StandardError, StringComparison.Ordinal);
        Assert.Contains("NotFound", (await Oracle.RunAsync("get crd wishes.example.org")).StandardError, StringComparison.Ordinal);
    }

    [Theory, Order(65)]
    [InlineData("cassandra-service.yaml,cassandra-statefulset.yaml,redis-master-service.yaml", 4, "published")]
    [InlineData("kube-flannel.yaml", 6, null)]
    [InlineData("calico-v3.32.1.yaml", 38, null)]
    public async Task Published_manifests_have_the_same_result_as_with_kubectl(string files, int objects, string? ns)
    {
        var paths = files.Split(',').Select(file => Path.Combine(Repository.Root, "tests", "KubeLab.Tests", "Lab", "Published", file)).ToArray();
        // The quota prevents pods, so nothing waits for them.
        string[] namespaces = ["kube-system", "kube-flannel", "published"];
        foreach (var one in namespaces)
        {
            await Oracle.RunAsync($"create namespace {one}");
            await Oracle.RunAsync($"create quota no-pods --hard=pods=0 -n {one}");
        }
        // The server's dry-run response to kubectl.
        var documents = paths.SelectMany(path => Regex.Split(File.ReadAllText(path), "^---$", RegexOptions.Multiline))
            .Where(text => Regex.IsMatch(text, "^kind:", RegexOptions.Multiline)).ToList();
        var applied = await Task.WhenAll(documents.Select(text =>
            Oracle.RunAsync($"apply --server-side --dry-run=server --validate=false --field-manager kubelab {(ns is null ? "" : $"-n {ns} ")}-o json -f -",
                text)));
        var expected = applied.SelectMany(end => Documents(end.StandardOutput)).Select(Comparable).Order(StringComparer.Ordinal).ToList();

        var given = new Dictionary<string, object?> { ["paths"] = paths, ["ns"] = ns };
        var result = Shell.Run("Publish-KlManifest $paths -Namespace $ns", variables: given);
        Assert.Equal((objects, applied.Count(end => end.ExitCode != 0)), (result.Output.Count + result.Errors.Count, result.Errors.Count));
        Assert.Equal(expected, result.As<KlResource>().Select(one => Comparable(JsonNode.Parse(one.Json)!)).Order(StringComparer.Ordinal));
        // The server is older than some manifests and must reject the same ones for the same reason. If there are several reasons, their choice varies.
        foreach (var (text, end) in documents.Zip(applied).Where(one => one.Second.ExitCode != 0))
        {
            string Of(string field) => Regex.Match(text, $@"^{field}: (\S+)$", RegexOptions.Multiline).Groups[1].Value;
            var error = Assert.Single(result.Errors, one => Regex.IsMatch(one.ToString(), $@"{Of("kind")} (\S+/)?{Regex.Escape(Of("  name"))}: ")).ToString();
            var reason = Regex.Match(end.StandardError, "field not declared in schema|omits key field|no matches for kind").Value;
            var expectedReason = reason switch
            {
                "" => end.StandardError,
                "no matches for kind" => $"does not serve the kind {Of("kind")} in {Of("apiVersion")}",
                _ => reason,
            };
            Assert.Contains(expectedReason, error, StringComparison.Ordinal);
        }

        Shell.Run("Remove-KlManifest $paths -Namespace $ns -Confirm:$false", variables: given);
        Assert.All((await Oracle.RunAsync(["get", .. ns is null ? Array.Empty<string>() : ["-n", ns],
            .. paths.SelectMany(path => new[] { "-f", path })])).StandardError.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Matches("NotFound|no matches|the server doesn't have", line));
        foreach (var one in namespaces)
            await Oracle.RunAsync($"delete quota no-pods -n {one}");
    }

    /// <summary>An object without fields that differ between creations.</summary>
    private static string Comparable(JsonNode one)
    {
        one = one.DeepClone();
        foreach (var field in new[] { "uid", "resourceVersion", "creationTimestamp", "selfLink", "generation" })
            one["metadata"]!.AsObject().Remove(field);
        // Controllers change some fields concurrently.
        one["metadata"]!["managedFields"] = new JsonArray([.. (one["metadata"]!["managedFields"]?.AsArray() ?? [])
            .Where(manager => $"{manager!["manager"]}" == "kubelab").Select(manager => manager!["fieldsV1"]!.DeepClone())]);
        one.AsObject().Remove("status");
        if (one["spec"] is JsonObject spec)
            foreach (var field in new[] { "clusterIP", "clusterIPs" })
                spec.Remove(field);
        return Sorted(one)!.ToJsonString();

        static JsonNode? Sorted(JsonNode? node) => node switch
        {
            JsonObject map => new JsonObject(map.OrderBy(field => field.Key, StringComparer.Ordinal)
                .Select(field => KeyValuePair.Create(field.Key, Sorted(field.Value)))),
            JsonArray list => new JsonArray([.. list.Select(Sorted)]),
            _ => node?.DeepClone(),
        };
    }

    /// <summary>Parses concatenated JSON documents or a list.</summary>
    private static IEnumerable<JsonNode> Documents(string text)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        for (var at = 0; at < bytes.Length;)
        {
            var reader = new System.Text.Json.Utf8JsonReader(bytes.AsSpan(at));
            var one = JsonNode.Parse(ref reader)!;
            at += (int)reader.BytesConsumed;
            while (at < bytes.Length && bytes[at] is (byte)'\n' or (byte)' ')
                at++;
            foreach (var item in one["kind"]?.ToString() == "List" ? one["items"]!.AsArray().ToList() : [one])
                yield return item!;
        }
    }
}
