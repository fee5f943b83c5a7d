using KubeLab.Engine;
using KubeLab.Engine.Images;
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
    [InlineData("-Tag '../x'")]
    [InlineData("-Image a -Path b")]
    public void Parameters_that_cannot_be_right_do_not_bind(string parameters)
    {
        var result = Shell.Run($"$registry | Publish-KlImage {(parameters.Contains("-Path", StringComparison.Ordinal) ? "" : "-Path .")} {parameters}", Engine, _variables);
        Assert.NotEmpty(result.Errors);
        Assert.Empty(_docker.Calls);
    }
}
