using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeLab.Engine.Images;
using Org.BouncyCastle.Crypto.Generators;

namespace KubeLab.Tests.Images;

public sealed class RegistryStateTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private readonly RegistryState _state = RegistryState.Of(TestCluster.Named("lab"), new(), null, Now);

    [Fact]
    public void A_new_registry_has_port_5000_and_a_random_password()
    {
        Assert.Equal("10.77.1.1:5000", _state.Address);
        Assert.Equal(("kubelab", 32), (_state.Credential.UserName, _state.Credential.Password.Length));
        Assert.NotEqual(_state.Credential.Password, RegistryState.Of(TestCluster.Named("lab"), new(), null, Now).Credential.Password);
        var line = _state.Htpasswd.Split(':');
        Assert.Equal("kubelab", line[0]);
        Assert.True(OpenBsdBCrypt.CheckPassword(line[1], _state.Credential.Password.ToCharArray()));
    }

    [Fact]
    public void The_state_in_the_secret_is_read_and_kept()
    {
        var again = RegistryState.Of(TestCluster.Named("lab"), new(), RegistryState.From(_state.ToSecret()), Now);
        Assert.Equal(_state.ToSecret().Data, again.ToSecret().Data);
        Assert.Equal("kubernetes.io/dockerconfigjson", again.ToSecret().Type);
        Assert.Equal("10.77.1.1:5000", again.ToSecret().Metadata.Annotations["org.kubelab/registry"]);
    }

    [Fact]
    public void A_foreign_or_incomplete_secret_is_ignored()
    {
        var secret = _state.ToSecret();
        secret.Data.Remove("ca.key");
        Assert.Null(RegistryState.From(secret));
        Assert.Null(RegistryState.From(new() { Metadata = new() }));
        Assert.Null(RegistryState.From(null));
    }

    [Fact]
    public void A_new_password_changes_only_the_password()
    {
        var changed = RegistryState.Of(TestCluster.Named("lab"), new() { Credential = new("me", "secret") }, _state, Now);
        Assert.Equal((_state.Authority, _state.Server, _state.Address), (changed.Authority, changed.Server, changed.Address));
        Assert.StartsWith("me:$2y$", changed.Htpasswd, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "x")]
    [InlineData("a:b", "x")]
    [InlineData(":", "x")]
    [InlineData("a\nb", "x")]
    [InlineData("me\n", "x")]
    [InlineData("me\r", "x")]
    [InlineData("a\tb", "x")]
    [InlineData("a\0b", "x")]
    [InlineData("a\u0085b", "x")]
    [InlineData("a\ud800b", "x")]
    [InlineData("#me", "x")]
    [InlineData(" me", "x")]
    [InlineData("me ", "x")]
    [InlineData("ä*128", "x")]
    [InlineData("me", "")]
    [InlineData("me", "a\nb")]
    [InlineData("me", "a\0b")]
    [InlineData("me", "x*73")]
    [InlineData("me", "ä*37")]
    public void An_invalid_credential_is_rejected(string user, string password)
    {
        var error = Assert.Throws<KlException>(
            () => RegistryState.Of(TestCluster.Named("lab"), new() { Credential = new(Long(user), Long(password)) }, _state, Now));
        Assert.Equal(("RegistryCredentialInvalid", KlErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.False(password.Length > 1 && error.ToString().Contains(Long(password), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("corp\\me", "x")]
    [InlineData("me@corp", "with : and # and ü ")]
    [InlineData("a b'c", "x*72")]
    [InlineData("x*255", "ä*36")]
    public void A_valid_credential_is_used_unchanged(string user, string password)
    {
        var line = RegistryState.Of(TestCluster.Named("lab"), new() { Credential = new(Long(user), Long(password)) }, null, Now).Htpasswd;
        Assert.Equal(Long(user), line.Split(':')[0]);
        Assert.True(OpenBsdBCrypt.CheckPassword(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..], Long(password).ToCharArray()));
        Assert.False(OpenBsdBCrypt.CheckPassword(line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..], Long(password)[..^1].ToCharArray()));
    }

    private static string Long(string text) =>
        text.Split('*') is [var one, var times] ? string.Concat(Enumerable.Repeat(one, int.Parse(times, CultureInfo.InvariantCulture))) : text;

    [Fact]
    public void A_changed_port_is_kept()
    {
        var moved = RegistryState.Of(TestCluster.Named("lab"), new() { Port = 5443 }, _state, Now);
        Assert.Equal("10.77.1.1:5443", RegistryState.Of(TestCluster.Named("lab"), new(), moved, Now).Address);
    }

    [Fact]
    public void A_certificate_that_expires_soon_is_renewed_with_the_same_ca()
    {
        var later = RegistryState.Of(TestCluster.Named("lab"), new(), _state, Now.AddDays(1825 - 100));
        Assert.Equal(_state.Authority, later.Authority);
        Assert.NotEqual(_state.Server, later.Server);
        Assert.NotEqual(_state.Authority, RegistryState.Of(TestCluster.Named("lab"), new(), _state, Now.AddDays(3600)).Authority);
    }

    [Fact]
    public void A_new_address_of_the_control_plane_gets_a_new_certificate()
    {
        var cluster = TestCluster.Named("lab");
        var moved = RegistryState.Of(
            cluster with { ControlPlane = cluster.ControlPlane with { Address = "10.77.1.9" } }, new(), _state, Now);
        Assert.Equal("10.77.1.9:5000", moved.Address);
        Assert.Equal(_state.Authority, moved.Authority);
        Assert.NotEqual(_state.Server, moved.Server);
    }

    [Fact]
    public async Task Only_a_client_that_trusts_the_ca_accepts_the_certificate()
    {
        Assert.Null(await ShakeHandsAsync(_state, _state.Authority));
        Assert.NotNull(await ShakeHandsAsync(_state, RegistryCertificates.CreateAuthority("lab", Now)));
    }

    [Fact]
    public void A_registry_does_not_show_its_password()
    {
        var registry = _state.ToRegistry(TestCluster.Named("lab"));
        Assert.DoesNotContain(_state.Credential.Password, $"{registry} {_state.Credential}", StringComparison.Ordinal);
    }

    // Tests the certificate policy of RegistryClient in a real TLS handshake.
    private static async Task<Exception?> ShakeHandsAsync(RegistryState state, KeyedCertificate trusted)
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var certificate = X509Certificate2.CreateFromPem(state.Server.Certificate, state.Server.Key);
        var serving = Task.Run(async () =>
        {
            using var accepted = await listener.AcceptTcpClientAsync();
            await using var tls = new SslStream(accepted.GetStream());
            await tls.AuthenticateAsServerAsync(certificate);
            await tls.ReadExactlyAsync(new byte[4]);
            await tls.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            await tls.CopyToAsync(Stream.Null);
        });
        var registry = state.ToRegistry(TestCluster.Named("lab")) with { CaCertificate = trusted.Certificate };
        using (var client = new RegistryClient(registry, (_, _, stop) => Dial.TcpAsync("127.0.0.1", port, stop), TimeProvider.System))
        {
            var error = await Record.ExceptionAsync(() => client.PingAsync(CancellationToken.None));
            if (error is null)
                return null;
            Assert.Equal("RegistryUntrusted", Assert.IsType<KubeLab.KlException>(error).ErrorId);
            return error;
        }
    }
}
