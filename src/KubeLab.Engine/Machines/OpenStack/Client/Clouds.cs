using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>The clouds that are configured, and those that this process is logged in to: one login for all who use the same.</summary>
/// <param name="clock">Time.</param>
public sealed class Clouds(TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan CheckPatience = TimeSpan.FromSeconds(15);
    private readonly ConcurrentDictionary<string, Once<OpenStackCloud>> _open = new();
    private readonly ConcurrentDictionary<string, NetworkCredential> _given = new();

    /// <summary>How patient requests are.</summary>
    public CloudTuning Tuning { get; init; } = new();

    /// <summary>Where clouds are configured.</summary>
    public Func<CloudFiles> Files { get; init; } = CloudFiles.Here;

    /// <summary>The names of the clouds that are configured.</summary>
    /// <exception cref="KlException">CloudInvalid: a file cannot be read.</exception>
    public IReadOnlyList<string> Names() => Files().Names();

    /// <summary>Logs in to a cloud, or returns the one that is logged in to with the same configuration. It stays this object's.</summary>
    /// <param name="name">Its name; null: OS_CLOUD, the OS_* variables, or the only one there is.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="credential">User and password in place of those configured; once they were good, for as long as this object lives.</param>
    /// <exception cref="KlException">What <see cref="CloudFiles.Load"/> and <see cref="OpenStackCloud.ConnectAsync"/> throw.</exception>
    public async Task<OpenStackCloud> OpenAsync(string? name, CancellationToken stop, NetworkCredential? credential = null)
    {
        var config = Files().Load(name);
        var cloud = await OpenAsync(With(config, credential), stop);
        Remember(config.Name, credential);
        return cloud;
    }

    /// <summary>The same for a configuration.</summary>
    public Task<OpenStackCloud> OpenAsync(CloudConfig config, CancellationToken stop) =>
        _open.GetOrAdd(Key(config), _ => new(token => ConnectAsync(config, token))).GetAsync(stop);

    /// <summary>A cloud with whether it answers; what is wrong stands in it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="credential">User and password in place of those configured, as for <see cref="OpenAsync(string?, CancellationToken, NetworkCredential?)"/>.</param>
    public async Task<KlCloud> CheckAsync(string name, CancellationToken stop, NetworkCredential? credential = null)
    {
        var about = new KlCloud { Name = name };
        using var late = new CancellationTokenSource(CheckPatience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            var config = With(Files().Load(name), credential);
            about = about with
            {
                AuthUrl = config.AuthUrl, Region = config.Region, Project = config.Project?.ToString(), Source = config.Source,
                User = config.Login switch { PasswordLogin login => login.User.ToString(), ApplicationCredentialLogin login => login.Name ?? login.Id, _ => null },
            };
            // Asked anew: what was open a while ago may not answer now.
            using var cloud = await ConnectAsync(config, either.Token);
            Remember(name, credential);
            return about with { Answers = true, Region = cloud.Region, Project = cloud.ProjectName, User = cloud.UserName };
        }
        catch (KlException error)
        {
            return about with { Error = error.Message };
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return about with { Error = $"{name}: no answer in {CheckPatience.TotalSeconds:0} s." };
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
        (credential ?? _given.GetValueOrDefault(config.Name)) is { } given ? config.With(given) : config;

    private void Remember(string name, NetworkCredential? credential)
    {
        if (credential is not null)
            _given[name] = credential;
    }

    // A digest, so that no secret is kept longer than the login that needs it.
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
