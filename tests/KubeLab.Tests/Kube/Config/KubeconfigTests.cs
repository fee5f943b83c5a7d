using KubeLab.Engine.Kube.Config;

namespace KubeLab.Tests.Kube.Config;

public sealed class KubeconfigTests : IDisposable
{
    private const string Admin = """
        apiVersion: v1
        clusters:
        - cluster:
            certificate-authority-data: Q0E=
            server: https://10.0.0.1:6443
          name: kubernetes
        contexts:
        - context:
            cluster: kubernetes
            user: kubernetes-admin
          name: kubernetes-admin@kubernetes
        current-context: kubernetes-admin@kubernetes
        kind: Config
        preferences: {}
        users:
        - name: kubernetes-admin
          user:
            client-certificate-data: Q1JU
            client-key-data: S0VZ
        """;

    private const string Theirs = """
        # my clusters
        apiVersion: v1
        clusters:
          # the big one
          - name: work   # keep
            cluster: {server: "https://work:6443", x-unknown: [1, 2]}
        contexts:
          - {name: work, context: {cluster: work, user: &me me}}
        current-context: work # since May
        kind: Config
        users:
          - name: *me
            user:
              exec:
                apiVersion: client.authentication.k8s.io/v1
                command: get-token
                args:
                - "--a b"
        x-of-theirs: {kept: yes}

        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("kubelab-test-").FullName;

    private string File1 => Path.Combine(_folder, "sub", "config");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_renewed_user_replaces_only_the_user_of_the_cluster()
    {
        await Put(File1, Theirs);
        await Merge("lab", File1);
        await KubeconfigFiles.EditAsync(File1, text => text.WithCurrentContext("work"), TimeProvider.System, default);
        var before = await File.ReadAllTextAsync(File1);

        Assert.False(await RenewAsync("other", Admin));
        Assert.False(await RenewAsync("lab", Admin));
        Assert.Equal(before, await File.ReadAllTextAsync(File1));
        Assert.True(await RenewAsync("lab", Admin.Replace("Q1JU", "TkVX", StringComparison.Ordinal)));
        Assert.Equal(before.Replace("Q1JU", "TkVX", StringComparison.Ordinal), await File.ReadAllTextAsync(File1));
        Assert.False(await Kubeconfig.RenewUserAsync(new KubeconfigFiles([File1 + "-none"]), "lab", Admin, TimeProvider.System, default));

        Task<bool> RenewAsync(string cluster, string admin) =>
            Kubeconfig.RenewUserAsync(new KubeconfigFiles([File1]), cluster, admin, TimeProvider.System, default);
    }

    [Fact]
    public async Task The_first_merge_creates_a_private_file_and_the_second_changes_nothing()
    {
        Assert.True(await Merge("lab", File1));
        var text = await File.ReadAllTextAsync(File1);
        Assert.Equal(["apiVersion: v1", "kind: Config"], text.Split('\n').Where(line => line.StartsWith("apiVersion:") || line.StartsWith("kind:")).Order());
        Assert.False(await Merge("lab", File1));
        Assert.Equal(text, await File.ReadAllTextAsync(File1));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File1));
        Assert.Equal([File1], Directory.GetFiles(Path.GetDirectoryName(File1)!));
        Assert.Equal(new Uri("https://127.0.0.1:40001"), Kubeconfig.List(new([File1]))["lab"]);
    }

    [Fact]
    public async Task A_merge_preserves_every_other_line()
    {
        await Put(File1, Theirs);
        Assert.True(await Merge("lab", File1));
        var text = await File.ReadAllTextAsync(File1);
        foreach (var line in Theirs.Split('\n').Where(line => !line.StartsWith("current-context", StringComparison.Ordinal)))
            Assert.Contains(line, text, StringComparison.Ordinal);
        Assert.Contains("current-context: kubelab-lab # since May", text, StringComparison.Ordinal);
        var (config, context) = Kubeconfig.Load(new([File1]), null);
        Assert.Equal(("kubelab-lab", "https://127.0.0.1:40001", "CRT"), (context, config.Host, config.Certificate));
    }

    [Fact]
    public async Task Removal_restores_the_file_except_the_current_context()
    {
        await Put(File1, Theirs);
        await Merge("lab", File1);
        await Kubeconfig.RemoveAsync(new([File1]), "lab", TimeProvider.System, default);
        Assert.Equal(Theirs.Replace("current-context: work", "current-context: \"\"", StringComparison.Ordinal), await File.ReadAllTextAsync(File1));
        await Kubeconfig.RemoveAsync(new([File1]), "lab", TimeProvider.System, default);
    }

    [Theory]
    [InlineData("apiVersion: v1\nclusters: null\ncontexts: []\ncurrent-context: \"\"\nkind: Config\npreferences: {}\nusers:\n")]
    [InlineData("{\"kind\": \"Config\", \"clusters\": [{\"name\": \"a\", \"cluster\": {\"server\": \"http://a\"}}]}")]
    [InlineData("# nothing yet\n")]
    public async Task Empty_sections_and_json_accept_an_entry(string before)
    {
        await Put(File1, before);
        await Merge("lab", File1);
        await Merge("other", File1);
        Assert.Equal(["lab", "other"], Kubeconfig.List(new([File1])).Keys.Order());
        if (!before.StartsWith('{'))
            return;
        var json = System.Text.Json.Nodes.JsonNode.Parse(await File.ReadAllTextAsync(File1))!;
        Assert.Equal(["http://a", "https://127.0.0.1:40001", "https://127.0.0.1:40001"],
            json["clusters"]!.AsArray().Select(one => (string?)one!["cluster"]!["server"]));
    }

    [Fact]
    public async Task A_changed_address_replaces_the_entry_in_the_file_that_contains_it()
    {
        var second = Path.Combine(_folder, "second");
        await Merge("lab", second);
        await Put(File1, Theirs);
        var both = new KubeconfigFiles([File1, second, Path.Combine(_folder, "absent")]);
        Assert.True(await Kubeconfig.MergeAsync(both, "lab", Admin, new Uri("https://127.0.0.1:50002"), TimeProvider.System, default));
        Assert.Contains("50002", await File.ReadAllTextAsync(second), StringComparison.Ordinal);
        Assert.DoesNotContain("50002", await File.ReadAllTextAsync(File1), StringComparison.Ordinal);
        Assert.Equal("kubelab-lab", Kubeconfig.Load(both, null).Context);
    }

    [Theory]
    [InlineData("clusters:\n- a: [\nb", "config")]
    [InlineData("kind: Config\nclusters:\n- a: ]\n", "line 3")]
    [InlineData("- a\n", "not a mapping")]
    public async Task A_broken_file_is_not_changed_and_its_line_is_reported(string broken, string expected)
    {
        await Put(File1, broken);
        var error = await Assert.ThrowsAsync<KlException>(() => Merge("lab", File1));
        Assert.Equal("KubeconfigInvalid", error.ErrorId);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal(broken, await File.ReadAllTextAsync(File1));
    }

    [Fact]
    public async Task Two_parallel_merges_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Merge($"lab{i}", File1)));
        Assert.Equal(8, Kubeconfig.List(new([File1])).Count);
    }

    [Fact]
    public async Task The_error_for_an_unknown_cluster_lists_the_existing_ones()
    {
        await Put(File1, Theirs);
        var error = Assert.Throws<KlException>(() => Kubeconfig.Load(new([File1]), "lab"));
        Assert.Equal("KubeContextNotFound", error.ErrorId);
        Assert.Contains("work", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wrok", "did you mean work?")]
    [InlineData("wor", "did you mean work?")]
    [InlineData("other", "available: work.")]
    public async Task The_error_for_a_mistyped_name_suggests_similar_names(string name, string expected)
    {
        await Put(File1, Theirs);
        Assert.Contains(expected, Assert.Throws<KlException>(() => Kubeconfig.Load(new([File1]), name)).Message, StringComparison.Ordinal);
    }

    private static Task<bool> Merge(string cluster, string path) =>
        Kubeconfig.MergeAsync(new KubeconfigFiles([path]), cluster, Admin, new Uri("https://127.0.0.1:40001"), TimeProvider.System, default);

    private static Task Put(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.WriteAllTextAsync(path, text);
    }
}
