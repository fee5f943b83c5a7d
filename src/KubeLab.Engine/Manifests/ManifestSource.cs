using System.IO.Enumeration;
using System.Text;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Flow.Web;

namespace KubeLab.Engine.Manifests;

/// <summary>A manifest's text and its origin.</summary>
/// <param name="Name">A file, a URL or another origin.</param>
/// <param name="Text">YAML or JSON.</param>
public sealed record ManifestSource(string Name, string Text)
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(30);
    // About twenty times the size of the largest published manifests.
    private const int MaxLength = 32 * 1024 * 1024;
    private static readonly HttpClient Web = new(new SocketsHttpHandler { Proxy = EnvironmentProxy.Shared }) { Timeout = FetchTimeout };

    /// <summary>Whether a place is a URL.</summary>
    public static bool IsUrl(string place) => place.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        || place.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    /// <summary>A place for messages. Passwords and tokens in a URL are omitted.</summary>
    public static string DisplayName(string place) => !IsUrl(place) ? place
        : Uri.TryCreate(place, UriKind.Absolute, out var url) ? url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        : "the URL";

    /// <summary>Reads the manifests at a place: a file, a URL, or a folder's *.yaml, *.yml and *.json, sorted by name.</summary>
    /// <param name="place">The file, URL or folder.</param>
    /// <param name="recurse">Includes subfolders. Links to folders are not followed.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">ManifestNotFound, ManifestUnreadable.</exception>
    public static async Task<IReadOnlyList<ManifestSource>> ReadAsync(string place, bool recurse, CancellationToken stop)
    {
        var shown = DisplayName(place);
        try
        {
            if (IsUrl(place))
                return [new(shown, await FetchAsync(new(place), stop))];
            if (!Directory.Exists(place))
                return [new(place, await BoundedText.OfFileAsync(place, MaxLength, stop))];
            var sources = new List<ManifestSource>();
            foreach (var file in Files(place, recurse).Order(StringComparer.Ordinal))
                sources.Add(new(file, await BoundedText.OfFileAsync(file, MaxLength, stop)));
            return sources.Count > 0 ? sources
                : throw new KlException(ErrorIds.ManifestNotFound, KlErrorKind.NotFound, place, $"{place} contains no .yaml, .yml or .json files.",
                    recurse ? null : "Use -Recurse to include subfolders.");
        }
        catch (FileNotFoundException error)
        {
            throw new KlException(ErrorIds.ManifestNotFound, KlErrorKind.NotFound, place, $"{place} was not found.",
                "Specify an existing file, folder or URL.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or HttpRequestException or UriFormatException
            || error is OperationCanceledException && !stop.IsCancellationRequested)
        {
            var why = error is OperationCanceledException ? $"the download did not finish within {FetchTimeout.TotalSeconds:0} s." : Cause.MessageOf(error);
            throw new KlException(ErrorIds.ManifestUnreadable, KlErrorKind.Unreachable, shown, $"{shown} cannot be read: {why}",
                "Check that it exists, that it can be read and that it is a manifest.", error);
        }
    }

    private static FileSystemEnumerable<string> Files(string folder, bool recurse) => new(
        folder, (ref FileSystemEntry file) => file.ToSpecifiedFullPath(),
        new EnumerationOptions { RecurseSubdirectories = recurse, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })
    {
        ShouldIncludePredicate = (ref FileSystemEntry file) => !file.IsDirectory
            && Extensions.Contains(Path.GetExtension(file.FileName.ToString()), StringComparer.OrdinalIgnoreCase),
        ShouldRecursePredicate = (ref FileSystemEntry inner) => !inner.Attributes.HasFlag(FileAttributes.ReparsePoint),
    };

    private static async Task<string> FetchAsync(Uri url, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(FetchTimeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        if (url.UserInfo.Length > 0)
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        using var answer = await Web.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
        if (answer.Headers.Location is { Scheme: "http" } && url.Scheme == Uri.UriSchemeHttps)
            throw new HttpRequestException("it redirects from https to http, which is not followed.");
        await using var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(timeout.Token);
        return await BoundedText.OfAsync(body, MaxLength, timeout.Token);
    }
}
