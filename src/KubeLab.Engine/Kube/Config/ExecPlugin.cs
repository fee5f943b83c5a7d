using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s.Authentication;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A credential plugin of a kubeconfig: run once for all who ask, and again when what it gave has expired or was refused.</summary>
/// <remarks>kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins, client.authentication.k8s.io/v1 and v1beta1.</remarks>
internal sealed class ExecPlugin(ExecPluginSpec spec, TimeProvider clock) : ITokenProvider, IRenewable, IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private PluginCredential? _given;

    /// <summary>How long it may take where nobody sits at a terminal; someone who does may have to log in first.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether someone sits at a terminal.</summary>
    public bool IsAtTerminal { get; init; } = !Console.IsInputRedirected;

    /// <summary>The client certificate it gave, or null.</summary>
    public SslStreamCertificateContext? Certificate => _given?.Certificate;

    /// <exception cref="KlException">KubePluginFailed.</exception>
    public async Task<AuthenticationHeaderValue?> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_given is null || _given.Expires <= clock.GetUtcNow())
                _given = await RunAsync(cancellationToken);
            return _given.Token is { } token ? new("Bearer", token) : null;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Renew(AuthenticationHeaderValue? refused)
    {
        // Of several who were refused at once, one alone makes it run again.
        if (_given is { } given && given.Token == refused?.Parameter)
            Interlocked.CompareExchange(ref _given, null, given);
    }

    public void Dispose() => _one.Dispose();

    private async Task<PluginCredential> RunAsync(CancellationToken stop)
    {
        var isInteractive = IsAtTerminal && spec.InteractiveMode != "Never";
        if (!isInteractive && spec.InteractiveMode == "Always")
            throw Failed("it has to ask at a terminal (interactiveMode: Always), and standard input is not one.");
        using var late = new CancellationTokenSource(IsAtTerminal ? System.Threading.Timeout.InfiniteTimeSpan : Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            var (code, output, errors) = await ExecProcess.RunAsync(spec, Info(isInteractive), isInteractive, either.Token);
            if (code != 0)
                throw Failed($"it ended with exit code {code}. {errors}");
            return Read(output, errors);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Failed($"it was not done within {Timeout.TotalSeconds:0} s and was ended.");
        }
    }

    private string Info(bool isInteractive)
    {
        var asked = new JsonObject { ["interactive"] = isInteractive };
        if (spec.Cluster is not null)
            asked["cluster"] = spec.Cluster.DeepClone();
        return new JsonObject { ["apiVersion"] = spec.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = asked }.ToJsonString();
    }

    private PluginCredential Read(string output, string errors)
    {
        try
        {
            if (JsonNode.Parse(output) is JsonObject said && (string?)said["kind"] == "ExecCredential" && (string?)said["apiVersion"] == spec.ApiVersion && said["status"] is JsonObject status)
            {
                var (token, certificate, key) = ((string?)status["token"], (string?)status["clientCertificateData"], (string?)status["clientKeyData"]);
                if (token is { Length: > 0 } || certificate is not null && key is not null)
                    return new(token is { Length: > 0 } ? token : null, certificate is null || key is null ? null : ClientCertificate.Read(certificate, key),
                        status["expirationTimestamp"]?.GetValue<DateTimeOffset>() ?? DateTimeOffset.MaxValue);
            }
        }
        catch (CryptographicException error)
        {
            throw Failed($"its certificate cannot be used. {error.Message}");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            // What it printed may hold a secret: it is not shown.
        }
        throw Failed($"what it printed is no ExecCredential of {spec.ApiVersion} with a token or a certificate. {errors}");
    }

    private KlException Failed(string why) => new(ErrorIds.KubePluginFailed, KlErrorKind.Denied, spec.Command, $"The kubeconfig's credential plugin {spec.Command} failed: {why.TrimEnd()}",
        "Run it by hand to see what it lacks: a login, perhaps.");

    private sealed record PluginCredential(string? Token, SslStreamCertificateContext? Certificate, DateTimeOffset Expires);
}
