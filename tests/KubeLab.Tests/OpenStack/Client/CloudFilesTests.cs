using KubeLab.Engine.Machines.OpenStack.Client;

namespace KubeLab.Tests.OpenStack.Client;

public sealed class CloudFilesTests : IDisposable
{
    private const string Password = """
        auth:
          auth_url: https://cloud.example:5000/v3
          username: someone
          password: s3cret
          project_name: lab
          user_domain_name: Default
          project_domain_id: default
        region_name: one
        """;

    private readonly CloudHome _home = new();

    public void Dispose() => _home.Dispose();

    [Fact]
    public void A_cloud_is_read_with_its_domains_and_region()
    {
        var cloud = _home.With(Password).Load("lab");
        Assert.Equal(new Uri("https://cloud.example:5000/v3"), cloud.AuthUrl);
        var login = Assert.IsType<PasswordLogin>(cloud.Login);
        Assert.Equal((new CloudIdentity(null, "someone", null, "Default"), "s3cret"), (login.User, login.Secret!.Password));
        Assert.Equal(new CloudIdentity(null, "lab", "default"), cloud.Project);
        Assert.Equal(("one", "public", true), (cloud.Region, cloud.Interface, cloud.Verify));
    }

    [Fact]
    public void A_configuration_as_text_contains_no_secret()
    {
        Assert.DoesNotContain("s3cret", _home.With(Password).Load().ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", _home.With("auth: {auth_url: 'http://x', application_credential_id: a, application_credential_secret: s3cret}")
            .Load().ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", _home.With("auth: {auth_url: 'http://x', token: s3cret}").Load().ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Secure_yaml_overrides_clouds_yaml()
    {
        _home.With("auth: {auth_url: 'http://x', username: a, project_name: p}");
        _home.Write("secure.yaml", "clouds: {lab: {auth: {password: s3cret}}, other: {}}");
        var login = Assert.IsType<PasswordLogin>(_home.Load().Login);
        Assert.Equal(("a", "s3cret"), (login.User.Name, login.Secret!.Password));
        Assert.Equal(["lab"], _home.Files.Names());
    }

    [Fact]
    public void The_current_folder_precedes_the_home_folder_and_a_specified_file_precedes_both()
    {
        _home.With(Password);
        _home.Write("clouds.yaml", "clouds: {near: {auth: {auth_url: 'http://near', username: a}}}", here: true);
        Assert.Equal(["near"], _home.Files.Names());
        var folder = Directory.CreateDirectory(Path.Combine(_home.Here, "else")).FullName;
        File.WriteAllText(Path.Combine(folder, "my.yaml"), "clouds: {named: {auth: {auth_url: 'http://named', username: a}}}");
        File.WriteAllText(Path.Combine(folder, "secure.yaml"), "clouds: {named: {auth: {password: b}}}");
        _home.Variables["OS_CLIENT_CONFIG_FILE"] = Path.Combine(folder, "my.yaml");
        Assert.Equal("b", Assert.IsType<PasswordLogin>(_home.Load("named").Login).Secret!.Password);
    }

    [Fact]
    public void Environment_variables_define_the_cloud_envvars()
    {
        _home.With(Password);
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["OS_AUTH_URL"] = "http://env/v3", ["OS_USERNAME"] = "a", ["OS_PASSWORD"] = "b", ["OS_TENANT_NAME"] = "p",
            ["OS_USER_DOMAIN_NAME"] = "d", ["OS_INTERFACE"] = "internal",
        })
            _home.Variables[name] = value;
        Assert.Equal(["lab", "envvars"], _home.Files.Names());
        var cloud = _home.Load();
        Assert.Equal(("envvars", new Uri("http://env/v3"), "p", "internal"), (cloud.Name, cloud.AuthUrl, cloud.Project!.Name, cloud.Interface));
        Assert.Equal("d", Assert.IsType<PasswordLogin>(cloud.Login).User.DomainName);
        Assert.Equal("lab", _home.Load("lab").Name);
        _home.Variables["OS_CLOUD"] = "lab";
        Assert.Equal("lab", _home.Load().Name);
    }

    [Fact]
    public void Without_clouds_yaml_the_error_lists_the_searched_folders()
    {
        var error = Assert.Throws<KlException>(() => _home.Load("lab"));
        Assert.Equal(("CloudNotConfigured", KlErrorKind.NotFound), (error.ErrorId, error.Kind));
        Assert.All([_home.Here, Path.Combine(".config", "openstack"), "/etc/openstack"], place =>
            Assert.Contains(place, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_error_for_an_unknown_cloud_lists_the_configured_clouds()
    {
        _home.Write("clouds.yaml", "clouds: {a: {}, b: {}}");
        var unknown = Assert.Throws<KlException>(() => _home.Load("c"));
        Assert.Equal("CloudNotConfigured", unknown.ErrorId);
        Assert.Contains("a, b", unknown.Message, StringComparison.Ordinal);
        Assert.Equal("CloudNotChosen", Assert.Throws<KlException>(() => _home.Load()).ErrorId);
    }

    [Fact]
    public void An_application_credential_is_identified_by_id_or_by_name_and_user()
    {
        var byId = Assert.IsType<ApplicationCredentialLogin>(_home.With(
            "auth_type: v3applicationcredential\nauth: {auth_url: 'http://x', application_credential_id: i, application_credential_secret: s}").Load().Login);
        Assert.Equal(("i", "s"), (byId.Id, byId.Secret.Password));
        var byName = Assert.IsType<ApplicationCredentialLogin>(_home.With(
            "auth_type: v3applicationcredential\nauth: {auth_url: 'http://x', application_credential_name: n, username: u, user_domain_name: d, "
            + "application_credential_secret: s}").Load().Login);
        Assert.Equal(("n", new CloudIdentity(null, "u", null, "d")), (byName.Name, byName.User));
        Assert.Contains("application_credential_name",
            Invalid("auth_type: v3applicationcredential\nauth: {auth_url: 'http://x', application_credential_name: n, application_credential_secret: s}"),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auth: {auth_url: 'http://x', username: a, system_scope: all}", "CloudScopeUnsupported")]
    [InlineData("auth: {auth_url: 'http://x', username: a, domain_name: d}", "CloudScopeUnsupported")]
    [InlineData("auth_type: v3oidcpassword\nauth: {auth_url: 'http://x', username: a}", "CloudLoginUnsupported")]
    [InlineData("auth: {username: a}", "CloudInvalid")]
    [InlineData("auth: {auth_url: 'cloud.example:5000', username: a}", "CloudInvalid")]
    [InlineData("auth: {auth_url: 'http://x'}", "CloudInvalid")]
    [InlineData("interface: outside\nauth: {auth_url: 'http://x', username: a}", "CloudInvalid")]
    [InlineData("profile: unknown\nauth: {username: a}", "CloudInvalid")]
    public void An_unusable_configuration_is_rejected(string cloud, string errorId)
    {
        var error = Assert.Throws<KlException>(() => _home.With(cloud).Load());
        Assert.Equal((errorId, KlErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.NotNull(error.NextStep);
    }

    [Fact]
    public void An_error_in_the_yaml_quotes_none_of_its_text()
    {
        _home.Write("clouds.yaml", "clouds: {lab: {}}");
        _home.Write("secure.yaml", "clouds:\n  lab:\n    auth:\n      password: *s3cret\n");
        var error = Assert.Throws<KlException>(() => _home.Load());
        Assert.Equal("CloudInvalid", error.ErrorId);
        Assert.Contains("line 4", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_profile_supplies_values_that_the_cloud_omits()
    {
        _home.Write("clouds-public.yaml", "public-clouds: {shop: {auth: {auth_url: 'https://shop/v3'}, region_name: far, interface: internal}}");
        var cloud = _home.With("profile: shop\nregion_name: near\nauth: {username: a, project_id: p}").Load();
        Assert.Equal((new Uri("https://shop/v3"), "near", "internal", "p"), (cloud.AuthUrl, cloud.Region, cloud.Interface, cloud.Project!.Id));
    }

    [Fact]
    public void The_first_of_several_regions_is_used_with_its_own_values()
    {
        var cloud = _home.With("regions:\n- name: one\n  values: {interface: internalURL}\n- two\nauth: {auth_url: 'http://x', username: a}").Load();
        Assert.Equal(("one", "internal"), (cloud.Region, cloud.Interface));
        Assert.Equal("public", _home.With(
            "regions: [{name: one, values: {interface: internal}}, two]\nregion_name: two\nauth: {auth_url: 'http://x', username: a}").Load().Interface);
    }

    // Here, openstacksdk uses the first region, and fails for the other cases.
    [Theory]
    [InlineData("regions: [one, {name: two, values: {auth: {auth_url: 'http://two'}}}]\nregion_name: two", "two", "http://two/")]
    [InlineData("regions: [{name: one, values: }]", "one", "http://x/")]
    [InlineData("regions: []\nregion_name: z", "z", "http://x/")]
    [InlineData("regions:\nregion_name: z", "z", "http://x/")]
    public void Unusual_regions_are_parsed(string lines, string region, string address)
    {
        var cloud = _home.With(lines + "\nauth: {auth_url: 'http://x', username: a}").Load();
        Assert.Equal((region, new Uri(address)), (cloud.Region, cloud.AuthUrl));
    }

    [Fact]
    public void OS_REGION_NAME_applies_to_the_cloud_of_the_variables_if_they_define_one()
    {
        _home.With(Password);
        foreach (var (name, value) in new Dictionary<string, string> { ["OS_AUTH_URL"] = "http://env/v3", ["OS_USERNAME"] = "a", ["OS_REGION_NAME"] = "two" })
            _home.Variables[name] = value;
        Assert.Equal(("one", "two"), (_home.Load("lab").Region, _home.Load("envvars").Region));
    }

    [Fact]
    public void The_error_for_a_region_that_is_not_in_the_file_lists_the_available_ones()
    {
        _home.With("regions: [one, two]\nauth: {auth_url: 'http://x', username: a}").Variables["OS_REGION_NAME"] = "Two";
        var error = Assert.Throws<KlException>(() => _home.Load());
        Assert.Equal(("RegionNotFound", KlErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.Contains("one, two", error.Message, StringComparison.Ordinal);
        Assert.Contains("OS_REGION_NAME", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void Anchors_and_merge_keys_are_supported()
    {
        _home.Write("clouds.yaml",
            "base: &base {auth_url: 'http://x/v3', username: a}\nclouds:\n  lab:\n    auth:\n      <<: *base\n      project-name: p\n    insecure: true\n    "
            + "network_endpoint_override: http://n/v2.0\n");
        var cloud = _home.Load();
        Assert.Equal((new Uri("http://x/v3"), "p", false, new Uri("http://n/v2.0")),
            (cloud.AuthUrl, cloud.Project!.Name, cloud.Verify, cloud.Endpoints["network"]));
    }

    [Fact]
    public void A_credential_replaces_user_and_password()
    {
        var cloud = _home.With(Password).Load();
        Assert.Equal(new CloudIdentity(null, "other", null, "Default"), Login(cloud.With(new("other", "p"))).User);
        Assert.Equal(new CloudIdentity(null, "other", null, "d"), Login(cloud.With(new("other", "p", "d"))).User);

        static PasswordLogin Login(CloudConfig config) => Assert.IsType<PasswordLogin>(config.Login);
    }

    private string Invalid(string cloud) => Assert.Throws<KlException>(() => _home.With(cloud).Load()).Message;
}
