using System.ComponentModel;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using CliWrap;
using CliWrap.Buffered;
using k8s.Authentication;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Kube;

/// <summary>A credential plugin of a kubeconfig: run once for all who ask, and again when what it gave has expired or was refused.</summary>
/// <remarks>kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins, client.authentication.k8s.io/v1 and v1beta1.</remarks>
internal sealed class ExecPlugin(ExecPluginSpec spec, TimeProvider clock) : ITokenProvider, IRenewable, IDisposable
{
    private readonly SemaphoreSlim _one = new(1);
    private Given? _given;

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The client certificate it gave, or null.</summary>
    public X509Certificate2? Certificate => _given?.Certificate;

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

    private async Task<Given> RunAsync(CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Timeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            var result = await Cli.Wrap(spec.Command).WithArguments(spec.Arguments).WithValidation(CommandResultValidation.None)
                .WithEnvironmentVariables(set =>
                {
                    foreach (var (name, value) in spec.Environment)
                        set.Set(name, value);
                    set.Set("KUBERNETES_EXEC_INFO", Info());
                }).ExecuteBufferedAsync(either.Token);
            if (result.ExitCode != 0)
                throw Failed($"it ended with exit code {result.ExitCode}. {Tail(result.StandardError)}");
            return Read(result.StandardOutput) ?? throw Failed($"what it printed is no ExecCredential of {spec.ApiVersion} with a token or a certificate. {Tail(result.StandardError)}");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw Failed($"it was not done within {Timeout.TotalSeconds:0} s and was ended.");
        }
        catch (Win32Exception error)
        {
            throw new KlException("KubePluginFailed", KlErrorKind.NotInstalled, spec.Command, $"The kubeconfig's credential plugin {spec.Command} cannot be started: {error.Message}",
                spec.InstallHint ?? "Install it, or correct the user's exec section in the kubeconfig.", error);
        }
    }

    private string Info()
    {
        // Our cmdlets run beside the pipeline: there is no standard input to give away.
        var asked = new JsonObject { ["interactive"] = false };
        if (spec.Cluster is not null)
            asked["cluster"] = spec.Cluster.DeepClone();
        return new JsonObject { ["apiVersion"] = spec.ApiVersion, ["kind"] = "ExecCredential", ["spec"] = asked }.ToJsonString();
    }

    private Given? Read(string output)
    {
        try
        {
            if (JsonNode.Parse(output) is not JsonObject said || (string?)said["kind"] != "ExecCredential" || (string?)said["apiVersion"] != spec.ApiVersion || said["status"] is not JsonObject status)
                return null;
            var (token, certificate, key) = ((string?)status["token"], (string?)status["clientCertificateData"], (string?)status["clientKeyData"]);
            return token is null && (certificate is null || key is null) ? null
                : new(token, certificate is null || key is null ? null : X509Certificate2.CreateFromPem(certificate, key), status["expirationTimestamp"]?.GetValue<DateTimeOffset>() ?? DateTimeOffset.MaxValue);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or CryptographicException)
        {
            // What it printed may hold a secret: it is not shown.
            return null;
        }
    }

    private KlException Failed(string why) => new("KubePluginFailed", KlErrorKind.Denied, spec.Command, $"The kubeconfig's credential plugin {spec.Command} failed: {why.TrimEnd()}",
        "Run it by hand to see what it lacks: a login, perhaps.");

    private static string Tail(string text) => text.Trim() is var said && said.Length > 1000 ? said[^1000..] : text.Trim();

    private sealed record Given(string? Token, X509Certificate2? Certificate, DateTimeOffset Expires);
}
