using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Workloads.Manifests;

/// <summary>A manifest's text and where it came from.</summary>
/// <param name="Name">A file, a URL or what it was typed as.</param>
/// <param name="Text">YAML or JSON.</param>
public sealed record ManifestSource(string Name, string Text)
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly HttpClient Web = new(new SocketsHttpHandler { Proxy = EnvironmentProxy.Shared }) { Timeout = Patience };

    /// <summary>Whether it is fetched rather than read.</summary>
    public static bool IsUrl(string place) => place.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || place.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>The manifests at a place: a file, a URL, or a folder's *.yaml, *.yml and *.json in the order of their names.</summary>
    /// <param name="place">Where.</param>
    /// <param name="recurse">The folders in a folder too.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">ManifestNotFound, ManifestUnreadable.</exception>
    public static async Task<IReadOnlyList<ManifestSource>> ReadAsync(string place, bool recurse, CancellationToken stop)
    {
        try
        {
            if (IsUrl(place))
                return [new(place, await Web.GetStringAsync(new Uri(place), stop))];
            if (!Directory.Exists(place))
                return [new(place, await File.ReadAllTextAsync(place, stop))];
            var files = Directory.GetFiles(place, "*", recurse ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
                .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).ToList();
            return files.Count > 0 ? [.. await Task.WhenAll(files.Select(async file => new ManifestSource(file, await File.ReadAllTextAsync(file, stop))))]
                : throw new KlException("ManifestNotFound", KlErrorKind.NotFound, place, $"{place} holds no .yaml, .yml or .json.", recurse ? null : "-Recurse looks into its folders.");
        }
        catch (FileNotFoundException error)
        {
            throw new KlException("ManifestNotFound", KlErrorKind.NotFound, place, $"There is no {place}.", "Name a file, a folder or a URL.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or HttpRequestException or UriFormatException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            throw new KlException("ManifestUnreadable", KlErrorKind.Unreachable, place, $"{place} cannot be read: {Cause.Said(error)}", "Look whether it is there and may be read.", error);
        }
    }
}
