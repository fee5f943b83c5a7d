namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>A cloud with a login. It is thread-safe.</summary>
public sealed partial class OpenStackCloud : IDisposable
{
    private static readonly Microversion ComputeKnown = new(2, 93);
    private readonly CloudHttp _http;
    private readonly Keystone _keystone;
    private readonly TimeProvider _clock;
    private readonly CloudTuning _tuning;
    private readonly ServiceEndpoint[] _endpoints;
    private CloudToken _first = null!;

    private OpenStackCloud(CloudConfig config, CloudTuning tuning, TimeProvider clock)
    {
        (Config, _tuning, _clock, _http) = (config, tuning, clock, new(config, tuning, clock));
        _keystone = new(config, _http, clock);
        _endpoints =
        [
            new(this, "compute", [], "v2.1", ComputeKnown), new(this, "network", [], "v2.0"), new(this, "image", [], "v2"),
            new(this, "block-storage", ["volumev3", "block-store", "volume"], "v3"),
        ];
        (Compute, Network, Image) = (new(this, _endpoints[0]), new(this, _endpoints[1]), new(this, _endpoints[2]));
    }

    /// <summary>The configuration.</summary>
    public CloudConfig Config { get; }

    /// <summary>The project's ID.</summary>
    public string ProjectId => _first.ProjectId!;

    /// <summary>The project's name.</summary>
    public string ProjectName => _first.ProjectName ?? ProjectId;

    /// <summary>The user's ID.</summary>
    public string UserId => _first.UserId ?? "";

    /// <summary>The user's name.</summary>
    public string UserName => _first.UserName ?? UserId;

    /// <summary>The region in use.</summary>
    public string? Region => Config.Region ?? (Catalog.Count > 0 ? Catalog[0].Region : null);

    /// <summary>Nova.</summary>
    public OpenStackService Compute { get; }

    /// <summary>Neutron.</summary>
    public OpenStackService Network { get; }

    /// <summary>Glance.</summary>
    public OpenStackService Image { get; }

    /// <summary>Cinder, or null if the cloud has none.</summary>
    public OpenStackService? Volume { get; private set; }

    /// <summary>The number of requests sent, including retries and logins.</summary>
    public long Requests => _http.Requests;

    internal TimeProvider Clock => _clock;

    internal IReadOnlyList<CatalogEntry> Catalog => _first.Catalog;

    /// <summary>The regions in the catalog.</summary>
    internal IReadOnlyList<string> Regions => [.. Catalog.Select(one => one.Region).OfType<string>().Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Logs in.</summary>
    /// <exception cref="KlException">CloudDenied, CredentialExpired, CloudPasswordMissing, CloudProjectMissing, CloudUnreachable, CertificateUnknown,
    /// CloudInvalid.</exception>
    public static async Task<OpenStackCloud> ConnectAsync(CloudConfig config, TimeProvider clock, CancellationToken stop, CloudTuning? tuning = null)
    {
        var cloud = new OpenStackCloud(config, tuning ?? new(), clock);
        try
        {
            cloud._first = await cloud._keystone.TokenAsync(null, stop);
            if (cloud._first.ProjectId is null)
                throw new KlException(ErrorIds.CloudProjectMissing, KlErrorKind.InvalidInput, config.Name,
                    $"{config.Name}: no project is configured, and {cloud.UserName} has no default project.",
                    $"Set project_name (and project_domain_name) in {config.Source}.");
            cloud.Volume = cloud._endpoints[3].Exists ? new(cloud, cloud._endpoints[3]) : null;
            return cloud;
        }
        catch
        {
            cloud.Dispose();
            throw;
        }
    }

    /// <summary>Fails if the configured regions are not in the catalog. The login itself accepts any region.</summary>
    /// <exception cref="KlException">RegionNotFound.</exception>
    internal void RequireRegions()
    {
        if (Regions is { Count: > 0 } known && _endpoints.Select(one => one.Region)
            .FirstOrDefault(one => one is not null && !known.Contains(one)) is { } unknown)
            throw new KlException(ErrorIds.RegionNotFound, KlErrorKind.InvalidInput, Config.Name,
                $"{Config.Name}: the cloud has no region '{unknown}'. Available regions: {string.Join(", ", known)}.",
                $"Correct region_name in {Config.Source}, or OS_REGION_NAME. Region names are case-sensitive.");
    }

    /// <summary>The services that KubeLab uses and the versions of their APIs, for example v2.1.</summary>
    /// <exception cref="KlException">A service does not respond.</exception>
    internal async Task<IReadOnlyList<(string Type, string? Version)>> ServicesAsync(CancellationToken stop)
    {
        var services = new List<(string, string?)> { ("identity", "v3") };
        foreach (var endpoint in _endpoints.Where(one => one.Exists))
            services.Add((endpoint.Type, (await endpoint.FindAsync(stop)).Base.Segments.Select(segment => segment.Trim('/'))
                .FirstOrDefault(segment => segment is ['v', >= '0' and <= '9', ..])));
        return services;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _keystone.Dispose();
        Array.ForEach(_endpoints, one => one.Dispose());
    }

    /// <summary>The name and project.</summary>
    public override string ToString() => $"{Config.Name} ({ProjectName})";

    /// <summary>Sends a request with a token, and again with a new token if the first is rejected.</summary>
    internal async Task<CloudAnswer> SendAsync(HttpMethod method, Uri uri, byte[]? body, IReadOnlyList<(string Name, string Value)> headers,
        CancellationToken stop)
    {
        var token = await _keystone.TokenAsync(null, stop);
        var answer = await _http.SendAsync(method, uri, body, [("X-Auth-Token", token.Secret), .. headers], stop);
        if (answer.Code != 401)
            return answer;
        token = await _keystone.TokenAsync(token, stop);
        return await _http.SendAsync(method, uri, body, [("X-Auth-Token", token.Secret), .. headers], stop);
    }

    internal async Task<T> WhileBusyAsync<T>(Func<CancellationToken, Task<T>> work, TimeSpan timeout, CancellationToken stop)
    {
        var start = _clock.GetTimestamp();
        for (var pause = _tuning.Pause; ; pause = pause < MaxBusyPause ? pause * 2 : pause)
        {
            try
            {
                return await work(stop);
            }
            catch (KlException error) when (error.IsConflict() && _clock.GetElapsedTime(start) + pause < timeout)
            {
                await Task.Delay(pause, _clock, stop);
            }
        }
    }

    private static readonly TimeSpan MaxBusyPause = TimeSpan.FromSeconds(3);
}
