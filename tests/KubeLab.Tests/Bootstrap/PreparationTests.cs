using KubeLab.Engine.Bootstrap;

namespace KubeLab.Tests.Bootstrap;

/// <summary>Which installations a prepared image is used for.</summary>
public sealed class PreparationTests : IDisposable
{
    private const string Packages = "package() { echo 1.37.1-1.1; }; command() { true; }; curl() { echo \"$*\" >&2; echo index; }; ";

    private readonly NodeBash _node = new();

    public void Dispose() => _node.Dispose();

    [Theory]
    [InlineData("deb [signed-by=/k.asc] https://pkgs.example/deb/ /", "https://pkgs.example/deb/InRelease")]
    [InlineData("deb http://mirror.example/apt ./", "http://mirror.example/apt/./InRelease")]
    [InlineData("deb [arch=amd64 trusted=yes] http://mirror.example/apt stable main", "http://mirror.example/apt/dists/stable/InRelease")]
    public async Task The_index_of_the_repository_is_read(string line, string url)
    {
        var (_, output) = await _node.RunAsync("install", "curl() { printf '%s' \"${@: -1}\" >url; }; cd \"$DIR\"; index >/dev/null; cat url",
            ("APT", line), ("DIR", _node.At("")));
        Assert.Equal(url, output);
    }

    [Theory]
    [InlineData("recipe", "", "yes")]
    [InlineData("other", "", "no")]
    // The repository has other packages now, or does not respond.
    [InlineData("recipe", "curl() { echo another; };", "no")]
    [InlineData("recipe", "curl() { return 22; };", "no")]
    public async Task A_prepared_installation_is_used_if_nothing_has_changed(string recipe, string change, string expected)
    {
        _node.Put("/etc/kubelab/x", "");
        var (_, output) = await _node.RunAsync("install", $"{Packages} echo \"recipe $(index 2>/dev/null)\" >\"$PREPARED\"; RECIPE={recipe}; {change} "
            + "installed 2>/dev/null && echo yes || echo no", ("APT", "deb http://m ./"), ("EXACT", ""), ("VERSION", "1.37.1"));
        Assert.Equal(expected + "\n", output);
    }

    [Fact]
    public async Task An_installed_version_is_kept_without_a_record_of_a_preparation()
    {
        var (_, output) = await _node.RunAsync("install", Packages + "installed && echo yes", ("EXACT", ""), ("VERSION", "1.36"));
        Assert.Equal("yes\n", output);
    }

    [Fact]
    public void The_recipe_depends_on_version_mirror_packages_and_kind_of_machine_only()
    {
        var mirror = Mirror.Upstream("1.37.1");
        Machine Machine(string name, bool isContainer = true) => FakeCluster.Machine(name, 1) with { IsContainer = isContainer };
        string Recipe(Machine machine, Mirror mirror, string index = "0") => Kubeadm.PreparationOf(machine, mirror, new("1.37.1", index)).Recipe;
        var recipe = Recipe(Machine("lab-1"), mirror);
        Assert.Equal(recipe, Recipe(Machine("lab-2"), mirror));
        Assert.All([Recipe(Machine("lab-1", isContainer: false), mirror), Recipe(Machine("lab-1"), Mirror.Upstream("1.37.2")),
            Recipe(Machine("lab-1"), mirror, "1"), Recipe(Machine("lab-1"), mirror with { PodNetwork = "Flannel" }),
            Recipe(Machine("lab-1"), mirror with { Images = new("r", "https://r", null) })],
            other => Assert.NotEqual(recipe, other));
        Assert.Contains($"RECIPE='{recipe.Split(' ')[0]}'\n", Kubeadm.PreparationOf(Machine("lab-1"), mirror, new("1.37.1", "0")).Script,
            StringComparison.Ordinal);
    }
}
