using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using k8s.Authentication;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Kube.Config;

namespace KubeLab.Engine.Kube;

/// <summary>The connections to one API server with one user's rights.</summary>
internal sealed class KubeConnection : IDisposable
{
    private const int Redirects = 10;
    private readonly ITokenProvider? _credentials;
    private readonly List<(string Name, string Value)> _headers;
    private readonly ConcurrentStack<HttpClient> _clients = new();
    private readonly Lock _one = new();
    private SslStreamCertificateContext? _shown;

    /// <exception cref="System.Security.Cryptography.CryptographicException">A certificate or key cannot be used.</exception>
    public KubeConnection(KubeSettings settings, TimeProvider clock)
    {
        Settings = settings;
        Trust = new(settings.Authority is { } pem ? ClientCertificate.Certificates(pem, "The certificate authority") : null, settings.SkipTlsVerify);
        _shown = settings is { Certificate: { } certificate, Key: { } key } ? ClientCertificate.Read(certificate, key) : null;
        _credentials = settings switch
        {
            { TokenFile: { } file } => new TokenFile(file),
            { Token: { } token } => new FixedHeader(new("Bearer", token)),
            { Basic: { } basic } => new FixedHeader(new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(basic)))),
            { Plugin: { } plugin } => new ExecPlugin(plugin, clock),
            { Oidc: { } login } => new OidcTokenProvider(login.ClientId, login.ClientSecret, login.Issuer, login.Token, login.RefreshToken),
            _ => null,
        };
        _headers = [.. settings.Impersonation.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(": ", 2)).Select(pair => (pair[0], pair[1]))];
    }

    /// <summary>How its requests are made.</summary>
    public KubeSettings Settings { get; }

    /// <summary>The API server.</summary>
    public Uri Server => Settings.Server;

    /// <summary>Judges the server's certificate.</summary>
    public ServerTrust Trust { get; }

    /// <summary>Since when /readyz is refused (a time stamp), or null: it is not.</summary>
    public long? RefusedSince { get; set; }

    /// <summary>When the client certificate ends, or null.</summary>
    public DateTime? CertificateEnds => _shown?.TargetCertificate.NotAfter.ToUniversalTime();

    /// <summary>The proxy that its requests go through, or null.</summary>
    public Uri? Proxy => Settings.Proxy is { } proxy ? new UriBuilder(proxy) { UserName = "", Password = "" }.Uri : EnvironmentProxy.Shared.GetProxy(Server);

    /// <summary>The credentials for a request; a program that gives them may take its time.</summary>
    public async Task<AuthenticationHeaderValue?> AuthorizeAsync(CancellationToken stop) => _credentials is null ? null : await _credentials.GetAuthenticationHeaderAsync(stop);

    /// <summary>Forgets credentials that were refused. False where there can be no others.</summary>
    public bool Renew(AuthenticationHeaderValue? refused)
    {
        (_credentials as IRenewable)?.Renew(refused);
        return _credentials is IRenewable;
    }

    /// <summary>Sends a request with these credentials; a redirect is followed on the same server alone.</summary>
    /// <param name="path">Path and query below the server's own path.</param>
    /// <param name="make">Makes the request, anew for each try.</param>
    /// <param name="credentials">What <see cref="AuthorizeAsync"/> gave.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">KubeRedirected.</exception>
    public async Task<HttpResponseMessage> SendAsync(string path, Func<Uri, HttpRequestMessage> make, AuthenticationHeaderValue? credentials, CancellationToken stop)
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
            // After 301 to 303 a client goes on with GET; what was to be changed would be taken for done.
            if (!isSame || followed == Redirects || (int)answer.StatusCode < 307 && request.Method != HttpMethod.Get)
                throw new KlException(ErrorIds.KubeRedirected, KlErrorKind.Denied, Server.Authority,
                    $"{Server.Authority} answers {request.Method} {target.AbsolutePath} with {(int)answer.StatusCode} and points to {next.GetLeftPart(UriPartial.Path)}. "
                    + (isSame ? "That was not followed." : "That is another server: nothing was sent to it."),
                    "Look whether the server in the kubeconfig is the API server's own address.");
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

    // Connections made with a certificate that a plugin has replaced end by themselves.
    private HttpClient Http()
    {
        lock (_one)
        {
            var given = (_credentials as ExecPlugin)?.Certificate ?? _shown;
            if (given == _shown && _clients.TryPeek(out var client))
                return client;
            _shown = given;
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
            // A server that went away without a word ends watches in 45 s, not in the 15 minutes TCP takes.
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            EnableMultipleHttp2Connections = true,
            AutomaticDecompression = DecompressionMethods.GZip,
            RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            ResponseHeaderEncodingSelector = (_, _) => Encoding.UTF8,
            Proxy = Settings.Proxy is null ? EnvironmentProxy.Shared : new WebProxy(Proxy) { Credentials = EnvironmentProxy.CredentialOf(Settings.Proxy) },
        };
        handler.SslOptions.ClientCertificateContext = _shown;
        handler.SslOptions.RemoteCertificateValidationCallback = Trust.Accepts;
        return handler;
    }

    private sealed class FixedHeader(AuthenticationHeaderValue value) : ITokenProvider
    {
        public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken) => Task.FromResult(value);
    }
}
