using System.IO.Enumeration;
using KubeLab.Engine.Flow;
using KubeLab.Engine.Flow.Web;

namespace KubeLab.Engine.Manifests;

/// <summary>Reads manifests from files, folders and URLs.</summary>
/// <param name="web">Reads files and URLs.</param>
public sealed class ManifestReader(WebText web)
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];
    private static readonly TimeSpan DownloadTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Reads the manifests at a place: a file, a URL, or a folder's *.yaml, *.yml and *.json, sorted by name.</summary>
    /// <param name="place">The file, URL or folder.</param>
    /// <param name="recurse">Includes subfolders. Links to folders are not followed.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">ManifestNotFound, ManifestUnreadable.</exception>
    public async Task<IReadOnlyList<ManifestSource>> ReadAsync(string place, bool recurse, CancellationToken stop)
    {
        var shown = WebText.DisplayName(place);
        try
        {
            if (WebText.IsUrl(place) || !Directory.Exists(place))
                return [new(shown, await web.ReadAsync(place, DownloadTimeout, stop))];
            var sources = new List<ManifestSource>();
            foreach (var file in Files(place, recurse).Order(StringComparer.Ordinal))
                sources.Add(new(file, await web.ReadAsync(file, DownloadTimeout, stop)));
            return sources.Count > 0 ? sources
                : throw new KlException(ErrorIds.ManifestNotFound, KlErrorKind.NotFound, place, $"{place} contains no .yaml, .yml or .json files.",
                    recurse ? null : "Use -Recurse to include subfolders.");
        }
        catch (FileNotFoundException error)
        {
            throw new KlException(ErrorIds.ManifestNotFound, KlErrorKind.NotFound, place, $"{place} was not found.",
                "Specify an existing file, folder or URL.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or HttpRequestException)
        {
            throw new KlException(ErrorIds.ManifestUnreadable, KlErrorKind.Unreachable, shown, $"{shown} cannot be read: {Cause.MessageOf(error)}",
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
}
