using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>The configured clouds, and the open ones of this process. Equal configurations share one login.</summary>
/// <param name="clock">The clock.</param>
public sealed class Clouds(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan CheckTimeout = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<string, Once<OpenStackCloud>> _open = new();
    private readonly ConcurrentDictionary<string, NetworkCredential> _credentials = new();

    /// <summary>Timeouts and pauses of requests.</summary>
    public CloudTuning Tuning { get; init; } = new();

    /// <summary>Finds the configuration files.</summary>
    public Func<CloudFiles> Files { get; init; } = CloudFiles.Here;

    /// <summary>The names of the configured clouds.</summary>
    /// <exception cref="KlException">CloudInvalid: a file cannot be read.</exception>
    public IReadOnlyList<string> Names() => Files().Names();

    /// <summary>Logs in to a cloud, or returns the open one with the same configuration. This object owns the result.</summary>
    /// <param name="name">The cloud's name. Null: OS_CLOUD, the OS_* variables, or the only configured cloud.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <param name="credential">User and password that replace the configured ones. After a successful login, this object keeps them.</param>
    /// <exception cref="KlException">The errors of <see cref="CloudFiles.Load"/> and <see cref="OpenStackCloud.ConnectAsync"/>.</exception>
    public async Task<OpenStackCloud> OpenAsync(string? name, CancellationToken stop, NetworkCredential? credential = null)
    {
        var config = Files().Load(name);
        var cloud = await OpenAsync(With(config, credential), stop);
        Remember(config.Name, credential);
        return cloud;
    }

    /// <summary>Logs in to a cloud with a configuration.</summary>
    public Task<OpenStackCloud> OpenAsync(CloudConfig config, CancellationToken stop) =>
        _open.GetOrAdd(Key(config), _ => new(token => ConnectAsync(config, token))).GetAsync(stop);

    /// <summary>Checks whether a cloud accepts the login. Errors are part of the result.</summary>
    /// <param name="name">The cloud's name.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <param name="credential">Replaces the configured credentials, like in <see cref="OpenAsync(string?, CancellationToken, NetworkCredential?)"/>.</param>
    public async Task<KlCloud> CheckAsync(string name, CancellationToken stop, NetworkCredential? credential = null)
    {
        var result = new KlCloud { Name = name };
        using var timeout = new TimeLimit(CheckTimeout, clock, stop);
        try
        {
            var config = With(Files().Load(name), credential);
            result = result with
            {
                AuthUrl = config.AuthUrl.AbsoluteUri,
                Region = config.Region,
                Project = config.Project?.ToString(),
                Source = config.Source,
                User = config.Login switch
                {
                    PasswordLogin login => login.User.ToString(),
                    ApplicationCredentialLogin login =>
                    login.Name ?? login.Id,
                    _ => null
                },
            };
            // Log in again, because an open cloud may no longer respond.
            using var cloud = await ConnectAsync(config, timeout.Token);
            Remember(name, credential);
            return result with { Answers = true, Region = cloud.Region, Project = cloud.ProjectName, User = cloud.UserName };
        }
        catch (KlException error)
        {
            return result with { Error = error.Message };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return result with { Error = $"{name}: no response within {CheckTimeout.TotalSeconds:0} s." };
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in _open.Values)
            one.Dispose();
    }

    private async Task<OpenStackCloud> ConnectAsync(CloudConfig config, CancellationToken stop)
    {
        var cloud = await OpenStackCloud.ConnectAsync(config, clock, stop, Tuning);
        try
        {
            cloud.RequireRegions();
            return cloud;
        }
        catch
        {
            cloud.Dispose();
            throw;
        }
    }

    private CloudConfig With(CloudConfig config, NetworkCredential? credential) =>
        (credential ?? _credentials.GetValueOrDefault(config.Name)) is { } given ? config.With(given) : config;

    private void Remember(string name, NetworkCredential? credential)
    {
        if (credential is not null)
            _credentials[name] = credential;
    }

    // A hash, so that secrets are not kept longer than the login that needs them.
    private static string Key(CloudConfig config) => Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new object?[]
    {
        config with { Login = new TokenLogin(new()) },
        config.Login switch
        {
            PasswordLogin login => (object[])[login.User, login.Secret?.Password ?? ""],
            ApplicationCredentialLogin login => [login.Id ?? "", login.Name ?? "", login.User ?? new(null, null), login.Secret.Password],
            var login => [((TokenLogin)login).Secret.Password],
        },
    })));
}
