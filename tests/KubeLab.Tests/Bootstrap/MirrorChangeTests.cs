namespace KubeLab.Tests.Bootstrap;

/// <summary>An installation from another mirror removes the files of the earlier mirror, and nothing else.</summary>
public sealed class MirrorChangeTests : IDisposable
{
    private const string Certs = "/etc/containerd/certs.d/";
    private const string Sources = "/etc/apt/sources.list.d/";
    private const string Old = "deb [signed-by=KEYS/old.asc] http://old.example/apt ./";
    private const string Upstream = "deb [signed-by=/k/kubernetes.asc] https://pkgs.example/core:/stable:/v1.37/deb/ /";

    private readonly NodeBash _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    // No mirror, another mirror, the same mirror.
    [InlineData("", "", false)]
    [InlineData("new.example:5000", "http://new.example:5000", false)]
    [InlineData("old.example:5000/deep/er", "http://old.example:5000", true)]
    public async Task Only_the_given_image_mirror_is_configured(string repository, string url, bool stays)
    {
        await WriteAsync("old.example:5000/k8s", "http://old.example:5000", "CERTIFICATE");
        _node.Put(Certs + "foreign.example/hosts.toml",
            "server = \"https://foreign.example\"\n\n[host.\"https://near.example\"]\n  capabilities = [\"pull\"]\n");
        _node.Put(Certs + "10.0.0.1:5000/hosts.toml",
            "server = \"https://10.0.0.1:5000\"\n\n[host.\"https://10.0.0.1:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n  ca = \"x\"\n");
        _node.Put(Certs + "_default/hosts.toml", "");

        var output = await WriteAsync(repository, url, "");

        Assert.Equal(stays, _node.Has(Certs + "old.example:5000/hosts.toml"));
        Assert.Equal(!stays, output.Contains("::changed removed the mirror of old.example:5000\n", StringComparison.Ordinal));
        Assert.False(_node.Has(Certs + "old.example:5000/ca.crt"));
        Assert.Equal(url.Length > 0, _node.Has($"{Certs}{repository.Split('/')[0]}/hosts.toml"));
        Assert.All(["foreign.example", "10.0.0.1:5000", "_default"], other => Assert.True(_node.Has($"{Certs}{other}/hosts.toml"), other));
        Assert.Equal(repository.Length == 0 ? "sandbox r/pause:3\n" : $"sandbox {repository}/pause:3\n", _node.Read("/etc/containerd/config.toml"));
        Assert.DoesNotContain("::changed", await WriteAsync(repository, url, ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mirror_from_an_older_version_is_recognized_by_its_record()
    {
        const string text = "server = \"http://old.example:5000\"\n\n[host.\"http://old.example:5000\"]\n  capabilities = [\"pull\", \"resolve\"]\n\n";
        _node.Put("/etc/kubelab/mirror.yaml", "# From Install-KlKubeadm.\nimageRepository: old.example:5000/k8s\npodNetwork: HostRoutes\n");
        _node.Put(Certs + "old.example:5000/hosts.toml", text);
        _node.Put(Certs + "other.example:5000/hosts.toml", text);

        await WriteAsync("", "", "");

        Assert.False(_node.Has(Certs + "old.example:5000"));
        Assert.True(_node.Has(Certs + "other.example:5000/hosts.toml"));
    }

    [Theory]
    [InlineData(Old, "", false)]
    [InlineData(Old, Upstream, false)]
    [InlineData(Old, Old, true)]
    [InlineData("deb [signed-by=KEYS/old.asc] https://pkgs.example/core:/stable:/v1.36/deb/ /",
        "deb [signed-by=KEYS/old.asc] https://pkgs.example/core:/stable:/v1.37/deb/ /", true)]
    public async Task Only_the_given_package_source_is_configured(string before, string now, bool stays)
    {
        var list = Sources + "kubelab-kubernetes.list";
        _node.Put(list, WithKeyringPath(before) + "\n");
        _node.Put("/etc/apt/keyrings/old.asc", "key");
        _node.Put(Sources + "docker.list", "deb https://docker.example /\n");

        await RemoveOldMirrorAsync(now, "");

        Assert.Equal((stays, stays), (_node.Has(list), _node.Has("/etc/apt/keyrings/old.asc")));
        Assert.True(_node.Has(Sources + "docker.list"));
    }

    [Theory]
    [InlineData("docker.list", "deb [signed-by=KEYS/docker.asc] https://docker.example /")]
    [InlineData("docker.sources", "Types: deb\nURIs: https://docker.example\nSigned-By: KEYS/docker.asc")]
    public async Task A_key_that_another_source_uses_is_kept(string file, string source)
    {
        _node.Put(Sources + "kubelab-containerd.list", WithKeyringPath("deb [signed-by=KEYS/docker.asc] https://docker.example {id}/") + "\n");
        _node.Put(Sources + file, WithKeyringPath(source) + "\n");
        _node.Put("/etc/apt/keyrings/docker.asc", "key");

        await RemoveOldMirrorAsync("", "");

        Assert.False(_node.Has(Sources + "kubelab-containerd.list"));
        Assert.True(_node.Has("/etc/apt/keyrings/docker.asc"));
    }

    private string WithKeyringPath(string line) => line.Replace("KEYS", _node.At("/etc/apt/keyrings"), StringComparison.Ordinal);

    private async Task RemoveOldMirrorAsync(string kubernetes, string containerd)
    {
        _node.Put("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
        var (exit, _) = await _node.RunAsync("install", "remove_old_mirror",
            ("APT", kubernetes.Replace("KEYS", "/etc/apt/keyrings", StringComparison.Ordinal)), ("RUNTIME_APT", containerd), ("URL", ""), ("REPOSITORY", ""));
        Assert.Equal(0, exit);
    }

    // Runs the parts of install.sh that configure an image mirror.
    private async Task<string> WriteAsync(string repository, string url, string ca)
    {
        _node.Put("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n");
        var (exit, output) = await _node.RunAsync("install", """
            kubeadm() { [[ $1 == version ]] && echo v1.37.0 || echo "${7:-r}/pause:3"; }
            containerd_config() { put 0644 "$AT/etc/containerd/config.toml" <<<"sandbox $1"; }
            systemctl() { :; }
            remove_old_mirror
            runtime_config
            node_files
            """, ("AT", _node.At("")), ("REPOSITORY", repository), ("URL", url), ("CA", ca), ("APT", "deb x"), ("RUNTIME_APT", ""),
            ("POD_NETWORK", "HostRoutes"));
        Assert.Equal(0, exit);
        return output;
    }
}
