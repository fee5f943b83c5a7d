using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using KubeLab.Engine.Machines.OpenStack.Client;
using Microsoft.Extensions.Time.Testing;
using static KubeLab.Tests.OpenStack.Client.FakeCloud;

namespace KubeLab.Tests.OpenStack.Client;

public sealed class KeystoneTests : IAsyncLifetime
{
    private static readonly CancellationToken Never = CancellationToken.None;
    private FakeCloud _fake = null!;

    public async Task InitializeAsync() => _fake = await StartAsync();

    public async Task DisposeAsync() => await _fake.DisposeAsync();

    [Theory]
    [InlineData("password",
        """{"identity":{"methods":["password"],"password":{"user":{"name":"someone","domain":{"name":"Default"},"password":"s3cret"}}},"scope":{"project":"""
            + """{"id":"p"}}}""")]
    [InlineData("id", """{"identity":{"methods":["application_credential"],"application_credential":{"id":"i","secret":"s3cret"}}}""")]
    [InlineData("name",
        """{"identity":{"methods":["application_credential"],"application_credential":{"name":"n","user":{"name":"someone","domain":"""
            + """{"id":"default"}},"secret":"s3cret"}}}""")]
    [InlineData("token", """{"identity":{"methods":["token"],"token":{"id":"s3cret"}},"scope":{"project":{"id":"p"}}}""")]
    public async Task Each_kind_of_login_sends_the_request_of_the_API(string kind, string auth)
    {
        using var cloud = await _fake.OpenAsync(config: _fake.Config with { Login = Login(kind), Project = new("p", null) });
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse($$"""{"auth":{{auth}}}"""), _fake.LoginBodies.Single()), _fake.LoginBodies.Single().ToJsonString());
        Assert.Equal(("p1", "lab", "someone", "one"), (cloud.ProjectId, cloud.ProjectName, cloud.UserName, cloud.Region));
    }

    [Theory]
    [InlineData("password", 401, "CloudDenied", "someone")]
    [InlineData("id", 401, "CredentialExpired", "i: it has expired, was deleted")]
    [InlineData("token", 401, "CredentialExpired", "the token")]
    [InlineData("token", 404, "CredentialExpired", "the token")]
    public async Task A_rejected_login_reports_what_was_rejected_and_no_secret(string kind, int code, string errorId, string message)
    {
        _fake.OnLogin = Json("""{"error":{"message":"The request you have made requires authentication.","title":"Unauthorized"}}""", code);
        var error = await ThrowsAsync(() => _fake.OpenAsync(config: _fake.Config with { Login = Login(kind) }));
        Assert.Equal((errorId, KlErrorKind.Denied), (error.ErrorId, error.Kind));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains("req-1", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rejected_token_is_renewed_once_for_all_callers()
    {
        _fake.On("GET /network/v2.0/networks/x", async context => await (context.Request.Headers["X-Auth-Token"] == "token-1"
            ? Json("{}", 401) : Json("""{"network":{"id":"x"}}"""))(context));
        using var cloud = await _fake.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => cloud.GetAsync<Network>("x", Never)));
        Assert.Equal(2, _fake.Logins);
    }

    [Fact]
    public async Task A_service_without_TLS_is_not_reported_as_an_untrusted_certificate()
    {
        var config = _fake.Config with { AuthUrl = new(_fake.Config.AuthUrl.AbsoluteUri.Replace("http:", "https:", StringComparison.Ordinal)) };
        Assert.Equal("CloudUnreachable", (await ThrowsAsync(() => _fake.OpenAsync(config: config))).ErrorId);
    }

    [Fact]
    public async Task A_new_token_that_is_rejected_is_an_error()
    {
        _fake.On("GET /network/v2.0/networks/x", Json("{}", 401));
        using var cloud = await _fake.OpenAsync();
        Assert.Equal("CloudDenied", (await ThrowsAsync(() => cloud.GetAsync<Network>("x", Never))).ErrorId);
        Assert.Equal(2, _fake.Logins);
    }

    [Fact]
    public async Task A_token_is_renewed_before_it_expires()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        _fake.On("GET /network/v2.0/networks/x", Json("""{"network":{"id":"x"}}"""));
        using var cloud = await _fake.OpenAsync(clock);
        clock.Advance(TimeSpan.FromMinutes(58));
        await cloud.GetAsync<Network>("x", Never);
        Assert.Equal(1, _fake.Logins);
        clock.Advance(TimeSpan.FromSeconds(100));
        _fake.Expires = clock.GetUtcNow().AddHours(1);
        await cloud.GetAsync<Network>("x", Never);
        Assert.Equal(2, _fake.Logins);
    }

    [Fact]
    public async Task An_auth_url_without_version_is_completed_from_the_version_document()
    {
        _fake.On("GET /identity/",
            Json("""{"versions":{"values":[{"id":"v3.14","status":"stable","links":[{"rel":"self","href":"http://elsewhere.invalid/v3/"}]}]}}""", 300));
        foreach (var path in new[] { "/identity", "/identity/", "/identity/v2.0" })
            (await _fake.OpenAsync(config: _fake.Config with { AuthUrl = new(_fake.Url + path) })).Dispose();
        Assert.Equal(3, _fake.Logins);
    }

    [Fact]
    public async Task An_auth_url_without_Keystone_is_CloudUnreachable()
    {
        _fake.OnLogin = Json("<html>not found</html>", 404);
        var error = await ThrowsAsync(() => _fake.OpenAsync());
        Assert.Equal("CloudUnreachable", error.ErrorId);
        Assert.Contains("auth_url", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_password_or_project_is_reported()
    {
        Assert.Equal("CloudPasswordMissing",
            (await ThrowsAsync(() => _fake.OpenAsync(config: _fake.Config with { Login = new PasswordLogin(new(null, "someone"), null) }))).ErrorId);
        _fake.Project = null;
        Assert.Equal("CloudProjectMissing", (await ThrowsAsync(() => _fake.OpenAsync(config: _fake.Config with { Project = null }))).ErrorId);
    }

    [Fact]
    public async Task A_server_that_does_not_respond_is_CloudUnreachable()
    {
        var config = _fake.Config;
        await _fake.DisposeAsync();
        var error = await ThrowsAsync(() => _fake.OpenAsync(config: config));
        Assert.Equal(("CloudUnreachable", KlErrorKind.Unreachable), (error.ErrorId, error.Kind));
    }

    [Fact]
    public async Task An_untrusted_certificate_is_rejected_unless_its_authority_is_configured_or_verification_is_off()
    {
        using var certificate = Certificate("cloud");
        await using var fake = await StartAsync(certificate);
        using var home = new CloudHome();
        var file = home.Write("ca.pem", certificate.ExportCertificatePem());

        var error = await ThrowsAsync(() => fake.OpenAsync());
        Assert.Equal(("CertificateUnknown", KlErrorKind.Denied), (error.ErrorId, error.Kind));
        Assert.Contains("cacert", error.NextStep, StringComparison.Ordinal);
        (await fake.OpenAsync(config: fake.Config with { CaFile = file })).Dispose();
        (await fake.OpenAsync(config: fake.Config with { Verify = false })).Dispose();
        Assert.Equal("CloudInvalid", (await ThrowsAsync(() => fake.OpenAsync(config: fake.Config with { CaFile = file + ".not" }))).ErrorId);
    }

    [Fact]
    public async Task A_client_certificate_is_sent_to_a_cloud_that_requires_one()
    {
        using var certificate = Certificate("cloud");
        using var client = Certificate("me");
        await using var fake = await StartAsync(certificate, client);
        using var home = new CloudHome();
        var (cert, key) = (home.Write("me.pem", client.ExportCertificatePem()), home.Write("me.key", client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()));
        var both = home.Write("both.pem", await File.ReadAllTextAsync(cert) + "\n" + await File.ReadAllTextAsync(key));

        var config = fake.Config with { Verify = false };
        Assert.Equal("CloudUnreachable", (await ThrowsAsync(() => fake.OpenAsync(config: config))).ErrorId);
        (await fake.OpenAsync(config: config with { CertificateFile = cert, KeyFile = key })).Dispose();
        (await fake.OpenAsync(config: config with { CertificateFile = both })).Dispose();
        Assert.Equal("CloudInvalid", (await ThrowsAsync(() => fake.OpenAsync(config: config with { CertificateFile = cert }))).ErrorId);
    }

    [Fact]
    public async Task One_login_serves_all_users_of_the_same_configuration()
    {
        using var clouds = new Clouds(TimeProvider.System) { Tuning = Quick };
        var all = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => clouds.OpenAsync(_fake.Config, Never)));
        Assert.Single(all.Distinct());
        Assert.NotSame(all[0], await clouds.OpenAsync(_fake.Config.With(new("someone", "other")), Never));
        Assert.Equal(2, _fake.Logins);
    }

    private static X509Certificate2 Certificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static CloudLogin Login(string kind)
    {
        var secret = new NetworkCredential("", "s3cret");
        return kind switch
        {
            "password" => new PasswordLogin(new(null, "someone", null, "Default"), secret),
            "id" => new ApplicationCredentialLogin("i", null, null, secret),
            "name" => new ApplicationCredentialLogin(null, "n", new(null, "someone"), secret),
            _ => new TokenLogin(secret),
        };
    }

    private static Task<KlException> ThrowsAsync(Func<Task> work) => Assert.ThrowsAsync<KlException>(work);
}
