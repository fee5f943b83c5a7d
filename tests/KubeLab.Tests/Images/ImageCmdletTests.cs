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
    private readonly Dictionary<string, object?> _variables = new()
    {
        ["registry"] = RegistryState.Of(TestCluster.Named("lab"), new(), null, DateTimeOffset.UtcNow).ToRegistry(TestCluster.Named("lab")),
    };

    // Without a host pool, so that a connection fails.
    private LabEngine Engine => new(null!, [], TimeProvider.System) { Docker = _docker };

    [Fact]
    public void A_missing_path_is_a_single_error_with_the_path()
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
    [InlineData("$registry", "ImageBuildFailed")]
    [InlineData("", null)]
    public void A_build_starts_before_the_registry_arrives_and_its_error_is_that_of_the_registry(string arrives, string? errorId)
    {
        using var folder = new TemporaryFolder("web", "FROM nothing");
        _docker.Build = new(1, "", "no such image");
        _variables["folder"] = folder.Path;
        _variables["isStarted"] = () => SpinWait.SpinUntil(() => _docker.Calls.Count > 0, TimeSpan.FromSeconds(30));
        var result = Shell.Run(
            $$"""& { if (-not $isStarted.Invoke()) { throw 'not started' }; {{arrives}} } | Publish-KlImage -Path $folder""", Engine, _variables);
        Assert.Equal(errorId is null ? [] : [errorId], result.Errors.Select(error => error.FullyQualifiedErrorId.Split(',')[0]));
        Assert.Equal(["build --force-rm"], _docker.Calls);
    }

    [Fact]
    public void A_build_that_has_to_be_confirmed_does_not_start_early()
    {
        using var folder = new TemporaryFolder("web", "FROM nothing");
        _variables["folder"] = folder.Path;
        var result = Shell.Run("""
            & { } | Publish-KlImage -Path $folder -Confirm
            $ConfirmPreference = 'Low'
            & { } | Publish-KlImage -Path $folder
            """, Engine, _variables);
        Assert.Empty(result.Errors);
        Assert.Empty(_docker.Calls);
    }

    [Theory]
    // The user name is checked with its domain.
    [InlineData("#corp\\me")]
    [InlineData("a:b")]
    [InlineData("me@a:b")]
    public async Task An_invalid_credential_is_rejected_before_any_change(string user)
    {
        await using var api = await FakeApi.StartAsync();
        api.On("GET /api/v1/namespaces/kube-system/secrets/kubelab-registry", FakeApi.Status(404, "NotFound", "none"));
        using var folder = new TemporaryFolder("config", Kubectl.Config(api.Url));
        using var password = new NetworkCredential("", "x").SecurePassword;
        _variables["given"] = new PSCredential(user, password);
        _variables["config"] = Directory.GetFiles(folder.Path).Single();
        var result = Shell.Run("""
            $before = $env:KUBECONFIG
            $env:KUBECONFIG = $config
            try { $registry.Cluster | New-KlRegistry -Credential $given } finally { $env:KUBECONFIG = $before }
            """, Engine, _variables);
        Assert.StartsWith("RegistryCredentialInvalid,", Assert.Single(result.Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.DoesNotContain(api.Seen, request => !request.StartsWith("GET", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("-Tag '../x'")]
    [InlineData("-Image a -Path b")]
    public void Invalid_parameters_do_not_bind(string parameters)
    {
        var path = parameters.Contains("-Path", StringComparison.Ordinal) ? "" : "-Path .";
        var result = Shell.Run($"$registry | Publish-KlImage {path} {parameters}", Engine, _variables);
        Assert.NotEmpty(result.Errors);
        Assert.Empty(_docker.Calls);
    }
}
