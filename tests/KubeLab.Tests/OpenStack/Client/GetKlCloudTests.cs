using System.Management.Automation;
using KubeLab.Engine;
using KubeLab.Tests.Machines;
using KubeLab.Tests.Pipeline;

namespace KubeLab.Tests.OpenStack.Client;

public sealed class GetKlCloudTests : IAsyncLifetime, IDisposable
{
    private readonly CloudHome _home = new();
    private FakeCloud _fake = null!;

    public async Task InitializeAsync() => _fake = await FakeCloud.StartAsync();

    public async Task DisposeAsync() => await _fake.DisposeAsync();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void Get_KlCloud_shows_which_clouds_respond_and_the_errors_of_the_others()
    {
        Configure();
        var clouds = Shell.Run("Get-KlCloud", Engine()).Good<KlCloud>().ToDictionary(one => one.Name);
        Assert.Equal(["broken", "good"], clouds.Keys.Order());
        Assert.Equal((true, "lab", "someone", "one", null),
            (clouds["good"].Answers, clouds["good"].Project, clouds["good"].User, clouds["good"].Region, clouds["good"].Error));
        Assert.False(clouds["broken"].Answers);
        Assert.Contains("username is missing", clouds["broken"].Error, StringComparison.Ordinal);
        var shown = Shell.Show("Get-KlCloud good", Engine());
        Assert.Contains("Answers", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Get_KlCloud_accepts_names_and_wildcards_and_lists_the_configured_clouds()
    {
        Configure();
        Assert.Equal("good", Assert.Single(Shell.Run("Get-KlCloud G*", Engine()).Good<KlCloud>()).Name);
        Assert.Empty(Shell.Run("Get-KlCloud x*", Engine()).Good<KlCloud>());
        var error = Assert.Single(Shell.Run("Get-KlCloud other", Engine()).Errors);
        Assert.StartsWith("CloudNotConfigured,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("broken, good", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_clouds_yaml_Get_KlCloud_lists_the_searched_folders() =>
        Assert.StartsWith("CloudNotConfigured,", Assert.Single(Shell.Run("Get-KlCloud", Engine()).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);

    [Fact]
    public void A_credential_that_a_cloud_accepted_is_used_for_the_rest_of_the_session()
    {
        Configure();
        var engine = Engine();
        Assert.Equal("other", UserOf("Get-KlCloud good -Credential $C", "other"));
        Assert.Equal("other", UserOf("Get-KlCloud good"));
        _fake.OnLogin = FakeCloud.Json("{}", 401);
        Assert.Equal("third", UserOf("Get-KlCloud good -Credential $C", "third"));
        _fake.OnLogin = null;
        Assert.Equal("other", UserOf("Get-KlCloud good"));

        string UserOf(string script, string name = "nobody")
        {
            using var secret = new System.Security.SecureString();
            secret.AppendChar('p');
            _fake.LoginBodies.Clear();
            Shell.Run(script, engine, new Dictionary<string, object?> { ["C"] = new PSCredential(name, secret) }).Good<KlCloud>();
            return (string)_fake.LoginBodies.Single()["auth"]!["identity"]!["password"]!["user"]!["name"]!;
        }
    }

    [Theory]
    [InlineData("region_name: two")]
    [InlineData("network_region_name: two")]
    [InlineData("regions: [two, three]")]
    public async Task The_error_for_a_region_that_is_not_in_the_catalog_lists_the_available_ones(string line)
    {
        _home.With($"{line}\nauth: {{auth_url: '{_fake.Url}/identity/v3', username: someone, password: s3cret, project_name: lab}}");
        var engine = Engine();
        var cloud = Assert.Single(Shell.Run("Get-KlCloud lab", engine).Good<KlCloud>());
        Assert.False(cloud.Answers);
        Assert.Contains("no region 'two'. Available regions: one.", cloud.Error, StringComparison.Ordinal);
        Assert.Equal("RegionNotFound", (await Assert.ThrowsAsync<KlException>(() => engine.Clouds.OpenAsync("lab", default))).ErrorId);
    }

    [Fact]
    public void Cloud_names_are_completed()
    {
        Configure();
        Assert.Equal(["good"], Shell.Run("(TabExpansion2 'Get-KlCloud go' 14).CompletionMatches.CompletionText", Engine()).Good<string>());
    }

    [Fact]
    public void Clouds_yaml_is_searched_in_PowerShells_current_folder()
    {
        _home.Write("clouds.yaml", "clouds: {near: {}}", here: true);
        var engine = new LabEngine(FakeHosts.Up(), [], TimeProvider.System);
        var run =
            Shell.Run("$path = $ExecutionContext.SessionState.Path; $path.PushCurrentLocation('t'); $null = $path.SetLocation($Folder); try { Get-KlCloud "
            + "near } finally { $null = $path.PopLocation('t') }", engine, new Dictionary<string, object?> { ["Folder"] = _home.Here });
        Assert.Equal("near", Assert.Single(run.Good<KlCloud>()).Name);
    }

    private LabEngine Engine() => new(FakeHosts.Up(), [], TimeProvider.System)
    {
        Clouds = new(TimeProvider.System) { Files = () => _home.Files, Tuning = FakeCloud.Quick },
    };

    private void Configure() => _home.Write("clouds.yaml", $"""
        clouds:
          good: {"{"}auth: {"{"}auth_url: '{_fake.Url}/identity/v3', username: someone, password: s3cret, project_name: lab{"}"}{"}"}
          broken: {"{"}auth: {"{"}auth_url: '{_fake.Url}/identity/v3'{"}"}{"}"}
        """);
}
