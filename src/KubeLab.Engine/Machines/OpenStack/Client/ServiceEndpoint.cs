using System.Text.RegularExpressions;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>The URL of a service and the microversion for requests.</summary>
/// <param name="Base">The URL including the version.</param>
/// <param name="Microversion">The newest that both sides support.</param>
/// <param name="Headers">The headers that request it.</param>
internal sealed record ServiceLocation(Uri Base, Microversion? Microversion, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>Locates a service through the catalog and its version document.</summary>
/// <param name="cloud">The cloud.</param>
/// <param name="type">The service type (OpenStack service-types-authority).</param>
/// <param name="aliases">Service types in older catalogs.</param>
/// <param name="version">The version segment of URLs if the catalog does not contain it.</param>
/// <param name="known">The newest microversion that KubeLab has been tested with. Null: it uses none.</param>
internal sealed partial class ServiceEndpoint(OpenStackCloud cloud, string type, string[] aliases, string version, Microversion? known = null) : IDisposable
{
    private Once<ServiceLocation>? _location;

    public string Type { get; } = type;

    /// <summary>Whether the catalog or the configuration contains the service.</summary>
    public bool Exists => Override is not null || cloud.Catalog.Any(Matches);

    /// <exception cref="KlException">CloudServiceNotFound, RegionNotFound.</exception>
    public Task<ServiceLocation> FindAsync(CancellationToken stop) => LazyInitializer.EnsureInitialized(ref _location, () => new(LocateAsync)).GetAsync(stop);

    public void Dispose() => _location?.Dispose();

    /// <summary>The region. Null: any.</summary>
    public string? Region => Setting(cloud.Config.Regions) ?? cloud.Config.Region;

    private string Interface => Setting(cloud.Config.Interfaces) ?? cloud.Config.Interface;

    private Uri? Override => Setting(cloud.Config.Endpoints);

    private T? Setting<T>(IReadOnlyDictionary<string, T> settings)
        where T : class => aliases.Prepend(Type).Select(one => settings.GetValueOrDefault(one.Replace('-', '_'))).FirstOrDefault(one => one is not null);

    private bool Matches(CatalogEntry entry) => entry.Type == Type || aliases.Contains(entry.Type);

    private async Task<ServiceLocation> LocateAsync(CancellationToken stop)
    {
        var at = Address();
        var named = WithVersion().Match(at.AbsoluteUri);
        if (named.Success && known is null)
            return new(at, null, []);
        var answer = await cloud.SendAsync(HttpMethod.Get, new((named.Success ? named.Value : at.AbsoluteUri.TrimEnd('/')) + "/"), null, [], stop);
        // Some clouds hide the version document; their oldest microversion is then used. An error must not lead to that.
        if (answer.Code >= 500 || answer.Code is 401 or 429)
            throw CloudErrors.Of(cloud.Config.Name, $"{Type} GET its versions", answer);
        var versions = Versions.In(answer.Json());
        var match = versions.FirstOrDefault(one =>
            one.Major == Microversion.Parse(version.Contains('.', StringComparison.Ordinal) ? version : version + ".0")!.Value.Major);
        var place = named.Success ? at : Keystone.Append(at, match?.Segment ?? version);
        if (known is not { } supported || match?.Max is not { } newest)
            return new(place, null, []);
        var agreed = supported < newest ? supported : newest;
        if (agreed < match.Min)
            throw new KlException(ErrorIds.CloudTooNew, KlErrorKind.InvalidInput, cloud.Config.Name,
                $"{cloud.Config.Name}: {Type} requires microversion {match.Min} or later; this version of KubeLab supports up to {supported}.",
                "Update KubeLab.");
        return new(place, agreed, [("OpenStack-API-Version", $"{Type} {agreed}"), .. Type == "compute"
            ? [("X-OpenStack-Nova-API-Version", agreed.ToString())] : Array.Empty<(string, string)>()]);
    }

    private Uri Address()
    {
        var config = cloud.Config;
        if (Override is { } overridden)
            return overridden;
        var match = cloud.Catalog.Where(Matches).ToList();
        var inRegion = match.Where(one => Region is null || one.Region == Region).ToList();
        return inRegion.Find(one => one.Interface == Interface)?.Url ?? throw (match.Count > 0 && inRegion.Count == 0
            ? new KlException(ErrorIds.RegionNotFound, KlErrorKind.InvalidInput, config.Name,
                $"{config.Name}: the region {Region} has no {Type} service.",
                $"Set region_name in {config.Source} to one of: {string.Join(", ", cloud.Regions)}.")
            : new KlException(ErrorIds.CloudServiceNotFound, KlErrorKind.NotFound, config.Name,
                $"{config.Name}: the catalog has no {Interface} endpoint of {Type}.",
                $"The catalog contains {(cloud.Catalog.Count == 0 ? "no services, so specify a project"
                : string.Join(", ", cloud.Catalog.Select(one => $"{one.Type} ({one.Interface})").Distinct().Order()))}. See {config.Source}."));
    }

    // Up to the version. What follows (a project ID in old catalogs) is part of the URL, but not of the version document's URL.
    [GeneratedRegex(@"^https?://[^/]+(/.*?)??/v\d+(\.\d+)?(?=/|$)")]
    private static partial Regex WithVersion();
}
