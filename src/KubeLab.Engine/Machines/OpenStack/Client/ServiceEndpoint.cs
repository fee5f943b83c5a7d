using System.Text.RegularExpressions;

namespace KubeLab.Engine.Machines.OpenStack.Client;

/// <summary>Where a service is and which microversion it is asked for.</summary>
/// <param name="Base">Its address with version.</param>
/// <param name="Microversion">The highest that both know.</param>
/// <param name="Headers">What says so.</param>
internal sealed record ServiceLocation(Uri Base, Microversion? Microversion, IReadOnlyList<(string Name, string Value)> Headers);

/// <summary>Finds a service: in the catalog, and its versions where it says them.</summary>
/// <param name="cloud">Whose it is.</param>
/// <param name="type">Its type (OpenStack service-types-authority).</param>
/// <param name="aliases">What older catalogs call it.</param>
/// <param name="version">How its addresses begin where the catalog does not say.</param>
/// <param name="known">The newest microversion that KubeLab was tried with; null: it uses none.</param>
internal sealed partial class ServiceEndpoint(OpenStackCloud cloud, string type, string[] aliases, string version, Microversion? known = null) : IDisposable
{
    private Once<ServiceLocation>? _place;

    public string Type { get; } = type;

    /// <summary>Whether the catalog, or the configuration, has it.</summary>
    public bool IsThere => Given is not null || cloud.Catalog.Any(IsMine);

    /// <exception cref="KlException">ServiceMissing, RegionUnknown.</exception>
    public Task<ServiceLocation> FindAsync(CancellationToken stop) => LazyInitializer.EnsureInitialized(ref _place, () => new(LookAsync)).GetAsync(stop);

    public void Dispose() => _place?.Dispose();

    /// <summary>Its region; null: any.</summary>
    public string? Region => Own(cloud.Config.Regions) ?? cloud.Config.Region;

    private string Interface => Own(cloud.Config.Interfaces) ?? cloud.Config.Interface;

    private Uri? Given => Own(cloud.Config.Endpoints);

    private T? Own<T>(IReadOnlyDictionary<string, T> settings)
        where T : class => aliases.Prepend(Type).Select(one => settings.GetValueOrDefault(one.Replace('-', '_'))).FirstOrDefault(one => one is not null);

    private bool IsMine(CatalogEntry entry) => entry.Type == Type || aliases.Contains(entry.Type);

    private async Task<ServiceLocation> LookAsync(CancellationToken stop)
    {
        var at = Address();
        var named = WithVersion().Match(at.AbsoluteUri);
        if (named.Success && known is null)
            return new(at, null, []);
        var answer = await cloud.SendAsync(HttpMethod.Get, new((named.Success ? named.Value : at.AbsoluteUri.TrimEnd('/')) + "/"), null, [], stop);
        // Some clouds hide this document, and their API begins at its oldest microversion; but trouble is no reason to make do with that.
        if (answer.Code >= 500 || answer.Code is 401 or 429)
            throw CloudErrors.Of(cloud.Config.Name, $"{Type} GET its versions", answer);
        var versions = Versions.In(answer.Json());
        var mine = versions.FirstOrDefault(one => one.Major == Microversion.Parse(version.Contains('.', StringComparison.Ordinal) ? version : version + ".0")!.Value.Major);
        var place = named.Success ? at : Keystone.Under(at, mine?.Segment ?? version);
        if (known is not { } ours || mine?.Most is not { } theirs)
            return new(place, null, []);
        var agreed = ours < theirs ? ours : theirs;
        if (agreed < mine.Least)
            throw new KlException(ErrorIds.CloudTooNew, KlErrorKind.InvalidInput, cloud.Config.Name,
                $"{cloud.Config.Name}: {Type} knows microversions from {mine.Least} only; this version of KubeLab knows them up to {ours}.", "Update KubeLab.");
        return new(place, agreed, [("OpenStack-API-Version", $"{Type} {agreed}"), .. Type == "compute" ? [("X-OpenStack-Nova-API-Version", agreed.ToString())] : Array.Empty<(string, string)>()]);
    }

    private Uri Address()
    {
        var config = cloud.Config;
        if (Given is { } given)
            return given;
        var mine = cloud.Catalog.Where(IsMine).ToList();
        var here = mine.Where(one => Region is null || one.Region == Region).ToList();
        return here.Find(one => one.Interface == Interface)?.Url ?? throw (mine.Count > 0 && here.Count == 0
            ? new KlException(ErrorIds.RegionUnknown, KlErrorKind.InvalidInput, config.Name, $"{config.Name}: there is no {Type} in the region {Region}.", $"Choose one of {string.Join(", ", cloud.Regions)} as region_name in {config.Source}.")
            : new KlException(ErrorIds.ServiceMissing, KlErrorKind.NotFound, config.Name, $"{config.Name}: the catalog has no {Interface} endpoint of {Type}.",
                $"It has {(cloud.Catalog.Count == 0 ? "nothing: name a project" : string.Join(", ", cloud.Catalog.Select(one => $"{one.Type} ({one.Interface})").Distinct().Order()))}; see {config.Source}."));
    }

    // Up to the version: what follows it (an old catalog's project id) is part of the address, but not of the version document's.
    [GeneratedRegex(@"^https?://[^/]+(/.*?)??/v\d+(\.\d+)?(?=/|$)")]
    private static partial Regex WithVersion();
}
