using KubeLab.Tests.Kube;

namespace KubeLab.Tests.Manifests;

public sealed class ManifestCmdletTests
{
    private const string Core =
        """{"resources":[{"name":"configmaps","kind":"ConfigMap","namespaced":true},{"name":"secrets","kind":"Secret","namespaced":true},"""
            + """{"name":"namespaces","kind":"Namespace","namespaced":false}]}""";
    private const string Maps = "/api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Namespaces_and_kinds_are_applied_first_and_each_object_reports_its_change()
    {
        await using var fake = await ServerAsync();
        const string Definition =
            """{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"foos.x.io"},"spec":{"group":"x.io","names":"""
                + """{"kind":"Foo"},"versions":[{"name":"v1","served":true}]},"status":{"conditions":[{"type":"Established","status":"True"}]}}""";
        const string Definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/foos.x.io";
        fake.On("GET /apis/apiextensions.k8s.io/v1",
            FakeApi.Json("""{"resources":[{"name":"customresourcedefinitions","kind":"CustomResourceDefinition","namespaced":false}]}"""))
            .On("GET " + Definitions, FakeApi.Json(Definition)).On("PATCH " + Definitions, FakeApi.Json(Definition))
            .On("GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                FakeApi.Json($$"""{"metadata":{"resourceVersion":"5"},"items":[{{Definition}}]}"""))
            .On("GET /apis/x.io/v1", FakeApi.Status(404, "NotFound", "not yet"),
                FakeApi.Json("""{"resources":[{"name":"foos","kind":"Foo","namespaced":true}]}"""))
            .On("GET /apis/x.io/v1/namespaces/web/foos/f", FakeApi.Status(404, "NotFound", "none"))
            .On("PATCH /apis/x.io/v1/namespaces/web/foos/f",
                FakeApi.Json("""{"apiVersion":"x.io/v1","kind":"Foo","metadata":{"name":"f","namespace":"web"}}""", 201))
            .On("GET /api/v1/namespaces/web", FakeApi.Json("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}}"""))
            .On("PATCH /api/v1/namespaces/web", FakeApi.Json("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web","labels":{"a":"b"}}}"""));

        var result = Kubectl.Run(fake, """
            'apiVersion: x.io/v1', 'kind: Foo', 'metadata: {name: f, namespace: web}', '---',
            'apiVersion: apiextensions.k8s.io/v1', 'kind: CustomResourceDefinition', 'metadata: {name: foos.x.io}', '---',
            'apiVersion: v1', 'kind: Namespace', 'metadata: {name: web, labels: {a: b}}' | Publish-KlManifest
            """);

        Assert.Equal(["Namespace Changed", "CustomResourceDefinition Unchanged", "Foo Created"],
            result.Good<KlResource>().Select(one => $"{one.Kind} {one.Change}"));
        Assert.Equal(2, result.Stages.Single().Changes);
        Assert.Contains("PATCH /api/v1/namespaces/web?fieldManager=kubelab&force=false", fake.Seen);
    }

    [Fact]
    public async Task A_rejected_object_is_an_error_with_its_position_and_the_rest_is_applied()
    {
        await using var fake = await ServerAsync();
        Applies(fake, "good");
        fake.On($"GET {Maps}/bad", FakeApi.Status(404, "NotFound", "none"))
            .On($"PATCH {Maps}/bad",
                FakeApi.Status(409, "Conflict", "conflict",
                    ""","details":{"name":"bad","kind":"configmaps","causes":["""
                        + """{"reason":"FieldManagerConflict","message":"conflict with \"kubectl\"","field":".data.k"}]}"""))
            .On("GET /apis/no.io/v1", FakeApi.Status(404, "NotFound", "none"));
        var folder = Directory.CreateTempSubdirectory("kubelab-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "a.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bad}\n---\n"
                + Map("good") + "---\nmetadata: {name: none}\n");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "b.yml"), "kind: [");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "c.json"), """{"apiVersion":"no.io/v1","kind":"No","metadata":{"name":"n"}}""");
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "d.yaml"), Map("twice", "1") + "---\n" + Map("twice", "2"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "e.txt"), "no manifest");

            var result = Kubectl.Run(fake, $"Publish-KlManifest '{folder.FullName}', './not-there.yaml'");

            Assert.Equal("good", Assert.Single(result.As<KlResource>()).Name);
            var errors = string.Join('\n', result.Errors.Select(error => $"{error.FullyQualifiedErrorId}: {error}"));
            Assert.Equal(6, result.Errors.Count);
            Assert.Contains("a.yaml, line 1: ConfigMap default/bad: configmaps/bad: .data.k: conflict with \"kubectl\"", errors, StringComparison.Ordinal);
            Assert.Contains("a.yaml, line 11: the document has no kind, or its value is not a string.", errors, StringComparison.Ordinal);
            Assert.Contains("b.yml, line ", errors, StringComparison.Ordinal);
            Assert.Contains("does not serve the kind No in no.io/v1", errors, StringComparison.Ordinal);
            Assert.Contains("declare ConfigMap twice differently", errors, StringComparison.Ordinal);
            Assert.Contains("ManifestNotFound,", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("Publish-KlManifest -WhatIf")]
    [InlineData("Compare-KlManifest")]
    public async Task A_dry_run_lists_each_changed_field_and_no_secret(string command)
    {
        await using var fake = await ServerAsync();
        fake.On($"GET {Maps}/a", FakeApi.Json("""{"metadata":{"name":"a","generation":1},"data":{"k":"old","gone":"x","l":"same"}}"""))
            .On($"PATCH {Maps}/a", FakeApi.Json("""{"metadata":{"name":"a","generation":2},"data":{"k":"new","l":"same"}}"""))
            .On("GET /api/v1/namespaces/default/secrets/s", FakeApi.Json("""{"metadata":{"name":"s"},"data":{"p":"b2xk"}}"""))
            .On("PATCH /api/v1/namespaces/default/secrets/s", FakeApi.Json("""{"metadata":{"name":"s"},"data":{"p":"bmV3"}}"""))
            .On("GET /api/v1/namespaces/new", FakeApi.Status(404, "NotFound", "none"))
            .On("PATCH /api/v1/namespaces/new", FakeApi.Json("""{"metadata":{"name":"new"}}""", 201))
            .On("GET /api/v1/namespaces/new/configmaps/b", FakeApi.Status(404, "NotFound", "none"))
            .On("PATCH /api/v1/namespaces/new/configmaps/b", FakeApi.Status(404, "NotFound", "namespaces new not found"));
        var text =
            $"{Map("a", "new")}---\n{{apiVersion: v1, kind: Secret, metadata: {{name: s}}, stringData: {{p: new}}}}\n---\n{{apiVersion: v1, kind: Namespace, "
            + $"metadata: {{name: new}}}}\n---\n{{apiVersion: v1, kind: ConfigMap, metadata: {{name: b, namespace: new}}}}\n";

        var result = Kubectl.Run(fake, $"@'\n{text}\n'@ | {command}");

        Assert.Equal(
            ["ConfigMap a Changed data.gone: x -> ", "ConfigMap a Changed data.k: old -> new", "ConfigMap b Created :  -> ",
                "Namespace new Created :  -> ", "Secret s Changed data.p: *** -> ***"],
            result.Good<KlFieldChange>().Select(one => $"{one.Kind} {one.Name} {one.Change} {one.Field}: {one.Before} -> {one.After}")
            .Order(StringComparer.Ordinal));
        Assert.All(fake.Seen.Where(one => one.StartsWith("PATCH", StringComparison.Ordinal)), one =>
            Assert.EndsWith("&dryRun=All", one, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Declared_objects_are_deleted_and_absent_ones_are_not_an_error()
    {
        await using var fake = await ServerAsync();
        fake.On($"GET {Maps}/a", FakeApi.Json("""{"metadata":{"name":"a","uid":"1"}}""")).On($"DELETE {Maps}/a", FakeApi.Json("{}"))
            .On($"GET {Maps}", FakeApi.Json("""{"metadata":{"resourceVersion":"5"},"items":[]}"""))
            .On($"GET {Maps}/b", FakeApi.Status(404, "NotFound", "none"));
        var text = $"@'\n{Map("a")}---\n{Map("b")}\n'@";
        Assert.Empty(Kubectl.Run(fake, $"{text} | Remove-KlManifest -WhatIf").Errors);
        Assert.Empty(fake.Seen);
        Assert.Empty(Kubectl.Run(fake, $"{text} | Remove-KlManifest").Errors);
        Assert.Contains($"DELETE {Maps}/a?propagationPolicy=Background", fake.Seen);
    }

    [Fact]
    public void WhatIf_lists_the_objects_to_delete_with_the_last_class_first()
    {
        var shown = Pipeline.Shell.Show($"@'\n{Map("a")}---\n{{apiVersion: v1, kind: Namespace, metadata: {{name: web}}}}\n'@ | Remove-KlManifest -WhatIf");
        Assert.Matches("(?s)\"Remove\" on target \"ConfigMap a\".*\"Remove\" on target \"Namespace web\"", shown);
    }

    [Fact]
    public async Task A_secret_with_stringData_is_applied_and_its_values_appear_in_no_message()
    {
        await using var fake = await ServerAsync();
        const string Secret = "/api/v1/namespaces/default/secrets/s";
        fake.On($"GET {Secret}", FakeApi.Status(404, "NotFound", "none"))
            .On($"PATCH {Secret}", FakeApi.Json("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s","namespace":"default"}}""", 201));
        var result = Kubectl.Run(fake,
            "$hidden = [Security.SecureString]::new(); 'abc'.ToCharArray() | ForEach-Object { $hidden.AppendChar($_) }; New-KlSecret s -Data @{ p = $hidden "
            + "} -WhatIf; New-KlSecret s -Data @{ p = $hidden }");
        Assert.Equal("Created", Assert.Single(result.Good<KlResource>()).Change);
        Assert.Contains("\"type\":\"Opaque\",\"data\":{\"p\":\"YWJj\"}", Assert.Single(fake.Bodies).Text, StringComparison.Ordinal);
        Assert.DoesNotContain("YWJj", string.Concat(result.Verbose) + string.Concat(result.Information), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_namespace_and_a_config_map_are_applied()
    {
        await using var fake = await ServerAsync();
        Applies(fake, "m");
        fake.On("GET /api/v1/namespaces/web", FakeApi.Status(404, "NotFound", "none"))
            .On("PATCH /api/v1/namespaces/web", FakeApi.Json("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"web"}}""", 201));
        Assert.Equal(["web", "m"], Kubectl.Run(fake, "New-KlNamespace web; New-KlConfigMap m -Data @{ n = 3 }").Good<KlResource>().Select(one => one.Name));
        Assert.Contains("\"data\":{\"n\":\"3\"}", fake.Bodies.Last().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_objects_of_a_kind_and_namespace_are_read_with_one_list_and_each_reports_its_change()
    {
        await using var fake = await ServerAsync();
        string Live(int i, string value) =>
            $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"m{{i}}","namespace":"default","resourceVersion":"{{i}}"},"data":"""
                + $$"""{"k":"{{value}}"} }""";
        fake.On($"GET {Maps}", FakeApi.Json($$"""{"metadata":{},"items":[{"metadata":{"name":"other"} },{{Live(0, "old")}},{{Live(1, "v")}}]}"""));
        for (var i = 0; i < 40; i++)
            fake.On($"PATCH {Maps}/m{i}", FakeApi.Json(Live(i, "v"), i < 2 ? 200 : 201));

        var result = Kubectl.Run(fake, $"@'\n{string.Join("---\n", Enumerable.Range(0, 40).Select(i => Map($"m{i}")))}\n'@ | Publish-KlManifest")
            .Good<KlResource>().ToDictionary(one => one.Name, one => one.Change);

        Assert.Equal(("Changed", "Unchanged", 38), (result["m0"], result["m1"], result.Values.Count(change => change == "Created")));
        Assert.Equal([$"GET {Maps}?limit=100"], fake.Seen.Where(one => one.StartsWith("GET " + Maps, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Objects_are_read_one_by_one_if_a_list_is_forbidden_or_too_long(bool isLong)
    {
        await using var fake = await ServerAsync();
        var others = string.Join(',', Enumerable.Range(0, 500).Select(i => $$"""{"metadata":{"name":"other{{i}}"} }"""));
        fake.On($"GET {Maps}", isLong ? FakeApi.Json($$"""{"metadata":{"continue":"x"},"items":[{{others}}]}""")
            : FakeApi.Status(403, "Forbidden", "no list"));
        for (var i = 0; i < 40; i++)
            Applies(fake, $"m{i}");

        Assert.All(Kubectl.Run(fake, $"@'\n{string.Join("---\n", Enumerable.Range(0, 40).Select(i => Map($"m{i}")))}\n'@ | Publish-KlManifest")
            .Good<KlResource>(), one => Assert.Equal("Created", one.Change));

        Assert.Single(fake.Seen, one => one.StartsWith($"GET {Maps}?", StringComparison.Ordinal));
        Assert.Equal(40, fake.Seen.Count(one => one.StartsWith($"GET {Maps}/m", StringComparison.Ordinal)));
    }

    private static string Map(string name, string value = "v") => $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata: {{k: {value}}}\n";

    private static void Applies(FakeApi fake, string name) => fake.On($"GET {Maps}/{name}", FakeApi.Status(404, "NotFound", "none"))
        .On($"PATCH {Maps}/{name}", FakeApi.Json($$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"default"} }""", 201));

    // Parallel applies may both request the API resources.
    private static async Task<FakeApi> ServerAsync() => (await FakeApi.StartAsync()).On("GET /api/v1", [.. Enumerable.Repeat(FakeApi.Json(Core), 8)]);
}
