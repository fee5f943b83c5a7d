using System.IO.Enumeration;
using System.Text;
using KubeLab.Engine.Flow;

namespace KubeLab.Engine.Manifests;

/// <summary>A manifest's text and where it came from.</summary>
/// <param name="Name">A file, a URL or what it was typed as.</param>
/// <param name="Text">YAML or JSON.</param>
public sealed record ManifestSource(string Name, string Text)
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    // Some twenty times the largest manifests that projects publish.
    private const int Most = 32 * 1024 * 1024;
    private static readonly HttpClient Web = new(new SocketsHttpHandler { Proxy = EnvironmentProxy.Shared }) { Timeout = Patience };

    /// <summary>Whether it is fetched rather than read.</summary>
    public static bool IsUrl(string place) => place.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || place.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>A place as messages show it: a password or a token in a URL is for the server alone.</summary>
    public static string Shown(string place) => !IsUrl(place) ? place
        : Uri.TryCreate(place, UriKind.Absolute, out var url) ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        : "the URL";

    /// <summary>The manifests at a place: a file, a URL, or a folder's *.yaml, *.yml and *.json in the order of their names.</summary>
    /// <param name="place">Where.</param>
    /// <param name="recurse">The folders in a folder too; links to folders are not followed.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">ManifestNotFound, ManifestUnreadable.</exception>
    public static async Task<IReadOnlyList<ManifestSource>> ReadAsync(string place, bool recurse, CancellationToken stop)
    {
        var shown = Shown(place);
        try
        {
            if (IsUrl(place))
                return [new(shown, await FetchAsync(new(place), stop))];
            if (!Directory.Exists(place))
                return [new(place, await BoundedText.OfFileAsync(place, Most, stop))];
            var sources = new List<ManifestSource>();
            foreach (var file in Files(place, recurse).Order(StringComparer.Ordinal))
                sources.Add(new(file, await BoundedText.OfFileAsync(file, Most, stop)));
            return sources.Count > 0 ? sources
                : throw new KlException(ErrorIds.ManifestNotFound, KlErrorKind.NotFound, place, $"{place} holds no .yaml, .yml or .json.", recurse ? null : "-Recurse looks into its folders.");
        }
        catch (FileNotFoundException error)
        {
            throw new KlException(ErrorIds.ManifestNotFound, KlErrorKind.NotFound, place, $"There is no {place}.", "Name a file, a folder or a URL.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or HttpRequestException or UriFormatException || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            var why = error is OperationCanceledException ? $"it did not come within {Patience.TotalSeconds:0} seconds." : Cause.Said(error);
            throw new KlException(ErrorIds.ManifestUnreadable, KlErrorKind.Unreachable, shown, $"{shown} cannot be read: {why}", "Check that it is there, that it may be read and that it is a manifest.", error);
        }
    }

    private static FileSystemEnumerable<string> Files(string folder, bool recurse) => new(
        folder, (ref FileSystemEntry file) => file.ToSpecifiedFullPath(), new EnumerationOptions { RecurseSubdirectories = recurse, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })
    {
        ShouldIncludePredicate = (ref FileSystemEntry file) => !file.IsDirectory && Extensions.Contains(Path.GetExtension(file.FileName.ToString()), StringComparer.OrdinalIgnoreCase),
        ShouldRecursePredicate = (ref FileSystemEntry inner) => !inner.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    private static async Task<string> FetchAsync(Uri url, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (url.UserInfo.Length > 0)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        using var answer = await Web.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        if (answer.Headers.Location is { Scheme: "http" } && url.Scheme == Uri.UriSchemeHttps)
            throw new HttpRequestException("it redirects from https to http, which is not followed.");
        await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(patience.Token);
        return await BoundedText.OfAsync(body, Most, patience.Token);
    }
}
