using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using k8s.Authentication;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A credential plugin of a kubeconfig. One run serves all requests until its credentials expire or are rejected.</summary>
/// <remarks>kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins, client.authentication.k8s.io/v1 and
/// v1beta1.</remarks>
internal sealed class ExecPlugin(ExecPluginSpec spec, TimeProvider clock) : ITokenProvider, IRenewable, IDisposable
{
    private readonly SemaphoreSlim _lock = new(1);
    private PluginCredential? _credential;

    /// <summary>The timeout without a terminal. At a terminal there is none, because the user may have to log in.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether standard input is a terminal.</summary>
    public bool IsAtTerminal { get; init; } = !Console.IsInputRedirected;

    /// <summary>The client certificate from the plugin, or null.</summary>
    public SslStreamCertificateContext? Certificate => _credential?.Certificate;

    /// <exception cref="KlException">KubePluginFailed.</exception>
    public async Task<AuthenticationHeaderValue?> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
    {
        await _lock.WaitAsync(cancellationToken);
        try
        {
            if (_credential is null || _credential.Expires <= clock.GetUtcNow())
                _credential = await RunAsync(cancellationToken);
            return _credential.Token is { } token ? new("Bearer", token) : null;
        }
        finally
        {
            _lock.Release();
        }
    }

    public void Renew(AuthenticationHeaderValue? refused)
    {
        // If several requests are rejected at once, the plugin runs again only once.
        if (_credential is { } credential && credential.Token == refused?.Parameter)
            Interlocked.CompareExchange(ref _credential, null, credential);
    }

    public void Dispose() => _lock.Dispose();

    private async Task<PluginCredential> RunAsync(CancellationToken stop)
    {
        var isInteractive = IsAtTerminal && spec.InteractiveMode != "Never";
        if (!isInteractive && spec.InteractiveMode == "Always")
            throw Failed("it requires a terminal (interactiveMode: Always), but standard input is not a terminal.");
        using var timeout = new TimeLimit(IsAtTerminal ? System.Threading.Timeout.InfiniteTimeSpan : Timeout, clock, stop);
        try
        {
            var (code, output, errors) = await ExecProcess.RunAsync(spec, Info(isInteractive), isInteractive, clock, timeout.Token);
            if (code != 0)
                throw Failed($"it exited with code {code}. {errors}");
            return Read(output, errors);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Failed($"it did not finish within {Timeout.TotalSeconds:0} s and was terminated.");
        }
    }

    private string Info(bool isInteractive)
    {
        var request = new JsonObject { ["interactive"] = isInteractive };
        if (spec.Cluster is not null)
            request["cluster"] = spec.Cluster.DeepClone();
        return new JsonObject { ["apiVersion"] = spec.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = request }.ToJsonString();
    }

    private PluginCredential Read(string output, string errors)
    {
        try
        {
            if (JsonNode.Parse(output) is JsonObject credentialJson && (string?)credentialJson["kind"] == "ExecCredential"
                && (string?)credentialJson["apiVersion"] == spec.ApiVersion && credentialJson["status"] is JsonObject status)
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
            // The output may contain a secret, so it is not shown.
        }
        throw Failed($"its output is not an ExecCredential of {spec.ApiVersion} with a token or a certificate. {errors}");
    }

    private KlException Failed(string why) =>
        new(ErrorIds.KubePluginFailed, KlErrorKind.Denied, spec.Command, $"The kubeconfig's credential plugin {spec.Command} failed: {why.TrimEnd()}",
            "Run the plugin manually to see what is missing, for example a login.");

    private sealed record PluginCredential(string? Token, SslStreamCertificateContext? Certificate, DateTimeOffset Expires);
}
