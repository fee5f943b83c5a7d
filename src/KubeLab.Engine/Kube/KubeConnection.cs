using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using k8s.Authentication;
using KubeLab.Engine.Flow.Web;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Engine.Kube;

/// <summary>The connections to one API server with one user's credentials.</summary>
internal sealed class KubeConnection : IDisposable
{
    private const int MaxRedirects = 10;
    private readonly ITokenProvider? _credentials;
    private readonly List<(string Name, string Value)> _headers;
    private readonly ConcurrentStack<HttpClient> _clients = new();
    private readonly Lock _lock = new();
    private SslStreamCertificateContext? _clientCertificate;

    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate or key cannot be used.</exception>
    public KubeConnection(KubeSettings settings, TimeProvider clock)
    {
        Settings = settings;
        Trust = new(clock, settings.Authority is { } pem ? ClientCertificate.Certificates(pem, "The certificate authority") : null, settings.SkipTlsVerify);
        _clientCertificate = settings is { Certificate: { } certificate, Key: { } key } ? ClientCertificate.Read(certificate, key) : null;
        _credentials = settings switch
        {
            { TokenFile: { } file } => new TokenFile(file),
            { Token: { } token } => new FixedHeader(new("Bearer", token)),
            { Basic: { } basic } => new FixedHeader(new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)))),
            { Plugin: { } plugin } => new ExecPlugin(plugin, clock),
            { Oidc: { } login } => new OidcTokenProvider(login.ClientId, login.ClientSecret, login.Issuer, login.Token, login.RefreshToken),
            _ => null,
        };
        _headers = [.. settings.Impersonation.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ", 2))
            .Select(pair => (pair[0], pair[1]))];
    }

    /// <summary>The connection's settings.</summary>
    public KubeSettings Settings { get; }

    /// <summary>The API server.</summary>
    public Uri Server => Settings.Server;

    /// <summary>Verifies the server's certificate.</summary>
    public ServerTrust Trust { get; }

    /// <summary>Since when /readyz is forbidden (a timestamp), or null.</summary>
    public long? RefusedSince { get; set; }

    /// <summary>When the server last accepted a request (a timestamp). Null if it has not, or if the connection failed since.</summary>
    public long? AcceptedAt { get; set; }

    /// <summary>When the client certificate expires, or null.</summary>
    public DateTime? CertificateEnds => _clientCertificate?.TargetCertificate.NotAfter.ToUniversalTime();

    /// <summary>The HTTP proxy, or null.</summary>
    public Uri? Proxy => Settings.Proxy is { } proxy ? new UriBuilder(proxy) { UserName = "", Password = "" }.Uri : EnvironmentProxy.Shared.GetProxy(Server);

    /// <summary>Gets the credentials of a request. A credential plugin may take some time.</summary>
    public async Task<AuthenticationHeaderValue?> AuthorizeAsync(CancellationToken stop) => _credentials is null ? null
        : await _credentials.GetAuthenticationHeaderAsync(stop);

    /// <summary>Discards rejected credentials. False if they cannot be renewed.</summary>
    public bool Renew(AuthenticationHeaderValue? refused)
    {
        (_credentials as IRenewable)?.Renew(refused);
        return _credentials is IRenewable;
    }

    /// <summary>Sends a request with these credentials. Redirects are followed on the same server only.</summary>
    /// <param name="path">Path and query, relative to the server's own path.</param>
    /// <param name="make">Creates the request; called once per attempt.</param>
    /// <param name="credentials">The result of <see cref="AuthorizeAsync"/>.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">KubeRedirected.</exception>
    public async Task<HttpResponseMessage> SendAsync(string path, Func<Uri, HttpRequestMessage> make,
        AuthenticationHeaderValue? credentials, CancellationToken stop)
    {
        var target = new Uri(Server, path);
        for (var followed = 0; ; followed++)
        {
            using var request = make(target);
            request.Headers.Authorization = credentials;
            foreach (var (name, value) in _headers)
                request.Headers.TryAddWithoutValidation(name, value);
            if (Settings.ServerName is { } serverName)
                request.Headers.Host = serverName;
            var answer = await Http().SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if ((int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308) || answer.Headers.Location is not { } location)
                return answer;
            answer.Dispose();
            var next = new Uri(target, location);
            var isSame = next.Scheme == target.Scheme && next.IdnHost == target.IdnHost && next.Port == target.Port;
            // After 301, 302 or 303, a client continues with GET, so a change would be lost without an error.
            if (!isSame || followed == MaxRedirects || (int)answer.StatusCode < 307 && request.Method != HttpMethod.Get)
                throw new KlException(ErrorIds.KubeRedirected, KlErrorKind.Denied, Server.Authority,
                    $"{Server.Authority} redirected {request.Method} {target.AbsolutePath} ({(int)answer.StatusCode}) to {next.GetLeftPart(UriPartial.Path)}. "
                    + (isSame ? "The redirect was not followed." : "That is another server, so nothing was sent to it."),
                    "Check that the server in the kubeconfig is the API server's own address.");
            target = next;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        (_credentials as IDisposable)?.Dispose();
        while (_clients.TryPop(out var one))
            one.Dispose();
    }

    // Connections with a certificate that a plugin has replaced end by themselves.
    private HttpClient Http()
    {
        lock (_lock)
        {
            var given = (_credentials as ExecPlugin)?.Certificate ?? _clientCertificate;
            if (given == _clientCertificate && _clients.TryPeek(out var client))
                return client;
            _clientCertificate = given;
            _clients.Push(client = new(Handler()) { Timeout = Timeout.InfiniteTimeSpan });
            return client;
        }
    }

    private SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            // A server that disappears ends watches after 45 s, instead of TCP's 15 minutes.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            EnableMultipleHttp2Connections = true,
            AutomaticDecompression = DecompressionMethods.GZip,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            Proxy = Settings.Proxy is null ? EnvironmentProxy.Shared : new WebProxy(Proxy) { Credentials = EnvironmentProxy.CredentialOf(Settings.Proxy) },
        };
        handler.SslOptions.ClientCertificateContext = _clientCertificate;
        handler.SslOptions.RemoteCertificateValidationCallback = Trust.Accepts;
        return handler;
    }

    private sealed class FixedHeader(AuthenticationHeaderValue value) : ITokenProvider
    {
        public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken) => Task.FromResult(value);
    }
}
