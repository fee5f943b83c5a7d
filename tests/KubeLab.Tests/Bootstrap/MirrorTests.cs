using System.Net;
using KubeLab.Engine.Bootstrap.Mirrors;
using KubeLab.Tests.Machines;

namespace KubeLab.Tests.Bootstrap;

public sealed class MirrorTests
{
    private const string Yaml = """
        kubernetes:
          version: 1.36.2   # the default
          apt: deb [signed-by=/etc/apt/keyrings/mirror.asc] https://mirror.example/apt ./
          key: https://mirror.example/apt/Release.key
        images:
          repository: mirror.example:5000
          url: https://mirror.example:5000
          ca: |
            -----BEGIN CERTIFICATE-----
        podNetwork: HostRoutes
        """;

    [Fact]
    public async Task A_mirror_file_is_read()
    {
        using var folder = new Folder();
        var path = Path.Combine(folder.Path, "mirror.yaml");
        await File.WriteAllTextAsync(path, Yaml);

        var mirror = await Reader(HttpStatusCode.NotFound).ReadAsync(path, null, default);

        Assert.Equal("1.36.2", mirror.Version);
        Assert.Equal("https://mirror.example/apt/Release.key", mirror.Kubernetes.Key);
        Assert.Equal(new ImageMirror("mirror.example:5000", "https://mirror.example:5000", "-----BEGIN CERTIFICATE-----"), mirror.Images);
        Assert.Equal("HostRoutes", mirror.PodNetwork);
        Assert.Equal("1.35", (await Reader(HttpStatusCode.NotFound).ReadAsync(path, "v1.35", default)).Version);
    }

    [Theory]
    [InlineData("kubernetes:\n  version: 1.36.2\n  apt: deb x ./\n", "kubernetes.key is missing")]
    [InlineData("images: {repository: r}\nkubernetes: {version: 1.36.2, apt: a, key: k}", "images.url is missing")]
    [InlineData("", "kubernetes.version is missing")]
    [InlineData("kubernetes: [", "line ")]
    public void A_missing_value_in_a_mirror_is_reported(string yaml, string what)
    {
        var error = Assert.Throws<KlException>(() => MirrorReader.Parse("mirror.yaml", yaml));
        Assert.Equal("MirrorInvalid", error.ErrorId);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://mirror.example/mirror.yaml")]
    [InlineData("/nowhere/mirror.yaml")]
    public async Task An_unreachable_mirror_is_reported(string source)
    {
        var error = await Assert.ThrowsAsync<KlException>(() => Reader(HttpStatusCode.ServiceUnavailable).ReadAsync(source, null, default));
        Assert.Equal(("MirrorUnreachable", source), (error.ErrorId, error.Target));
    }

    [Theory]
    [InlineData("newest")]
    [InlineData("2.0")]
    [InlineData("1")]
    public async Task An_invalid_version_is_rejected(string version)
    {
        var error = await Assert.ThrowsAsync<KlException>(() => Reader(HttpStatusCode.NotFound).ReadAsync("x", version, default));
        Assert.Equal("KubernetesVersionInvalid", error.ErrorId);
    }

    [Fact]
    public void Upstream_has_a_repository_for_each_minor_version()
    {
        var mirror = Mirror.Upstream("1.36.2");
        Assert.Equal("deb [signed-by=/etc/apt/keyrings/kubernetes.asc] https://pkgs.k8s.io/core:/stable:/v1.36/deb/ /", mirror.Kubernetes.Line);
        Assert.Equal("https://pkgs.k8s.io/core:/stable:/v1.36/deb/Release.key", mirror.Kubernetes.Key);
        Assert.Null(mirror.Images);
        Assert.Equal("Calico", mirror.PodNetwork);
    }

    private static MirrorReader Reader(HttpStatusCode status) => new(new(new HttpClient(new Handler(status)), TimeProvider.System));

    private sealed class Handler(HttpStatusCode status) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status));
    }
}
