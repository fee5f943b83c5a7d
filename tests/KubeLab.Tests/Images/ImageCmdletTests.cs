using System.Management.Automation;
using System.Net;
using KubeLab.Engine;
using KubeLab.Engine.Images;
using KubeLab.Tests.Kube;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.Images;

public sealed class ImageCmdletTests
{
    private readonly FakeDocker _docker = new();
    private readonly Dictionary<string, object?> _variables = new() { ["registry"] = RegistryState.Of(TestCluster.Named("lab"), new(), null, DateTimeOffset.UtcNow).ToRegistry(TestCluster.Named("lab")) };

    // Its host pool is nobody: what must not connect fails if it does.
    private LabEngine Engine => new(null!, [], TimeProvider.System) { Docker = _docker };

    [Fact]
    public void A_path_that_is_not_there_is_one_error_and_says_which()
    {
        var result = Shell.Run("$registry | Publish-KlImage -Path /nowhere/web, /nowhere/w*", Engine, _variables);
        Assert.Equal(["DockerfileNotFound", "DockerfileNotFound"], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Contains("/nowhere/web", result.Errors[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_is_relative_to_PowerShells_location()
    {
        using var folder = new TemporaryFolder("web", "FROM scratch");
        _variables["parent"] = Path.GetDirectoryName(folder.Path);
        var result = Shell.Run("""
            $place = $ExecutionContext.SessionState.Path
            $before = $place.CurrentLocation.Path
            $null = $place.SetLocation($parent)
            try { $registry | Publish-KlImage -Path web, w* -WhatIf } finally { $null = $place.SetLocation($before) }
            """, Engine, _variables);
        Assert.Empty(result.Errors);
        Assert.Empty(_docker.Calls);
    }

    [Fact]
    public void What_if_neither_builds_nor_connects()
    {
        using var folder = new TemporaryFolder("web", "FROM scratch");
        _variables["folder"] = folder.Path;
        var result = Shell.Run("$registry | Publish-KlImage -Path $folder -WhatIf; $registry.Cluster | New-KlRegistry -WhatIf", Engine, _variables);
        Assert.Empty(result.Errors);
        Assert.Empty(result.Output);
        Assert.Empty(_docker.Calls);
    }

    [Theory]
    // The whole name is judged, a domain included.
    [InlineData("#corp\\me")]
    [InlineData("a:b")]
    [InlineData("me@a:b")]
    public async Task A_credential_that_no_registry_can_have_is_refused_before_anything_is_changed(string user)
    {
        await using var api = await FakeApi.StartAsync();
        api.On("GET /api/v1/namespaces/kube-system/secrets/kubelab-registry", FakeApi.Status(404, "NotFound", "none"));
        using var folder = new TemporaryFolder("config", Kubectl.Config(api.Url));
        using var password = new NetworkCredential("", "x").SecurePassword;
        _variables["given"] = new PSCredential(user, password);
        _variables["config"] = Directory.GetFiles(folder.Path).Single();
        var result = Shell.Run("$was = $env:KUBECONFIG; $env:KUBECONFIG = $config; try { $registry.Cluster | New-KlRegistry -Credential $given } finally { $env:KUBECONFIG = $was }", Engine, _variables);
        Assert.StartsWith("RegistryCredentialInvalid,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Seen, request => !request.StartsWith("GET", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-Tag '../x'")]
    [InlineData("-Image a -Path b")]
    public void Parameters_that_cannot_be_right_do_not_bind(string parameters)
    {
        var result = Shell.Run($"$registry | Publish-KlImage {(parameters.Contains("-Path", StringComparison.Ordinal) ? "" : "-Path .")} {parameters}", Engine, _variables);
        Assert.NotEmpty(result.Errors);
        Assert.Empty(_docker.Calls);
    }
}
