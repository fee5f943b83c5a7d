using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Deployments;

/// <summary>A path in the container whose data is persistent.</summary>
/// <param name="Path">The mount path: absolute, without a trailing slash.</param>
/// <param name="Volume">The name of the volume in the pod: a DNS label of at most 63 characters.</param>
/// <param name="Claim">The name of the PersistentVolumeClaim.</param>
internal sealed partial record VolumePlan(string Path, string Volume, string Claim)
{
    // With namespace and deployment name (63 each), the name of the volume stays within the 253 characters of a DNS subdomain.
    private const int MaxLengthInClaim = 120;

    private const int MaxLengthInVolume = 60;

    /// <summary>Returns the volumes that an image declares: one for each normalized path, with unique names.</summary>
    /// <exception cref="KlException">ImageDeclarationInvalid: a path cannot be mounted.</exception>
    public static IReadOnlyList<VolumePlan> Of(DeploymentSpec spec)
    {
        var paths = spec.Declares.Volumes.Select(path => Clean(spec, path)).Distinct(StringComparer.Ordinal).ToList();
        var sharing = paths.GroupBy(Slug).Where(group => group.Count() > 1).SelectMany(group => group).ToHashSet(StringComparer.Ordinal);
        return [.. paths.Select(path =>
        {
            var slug = Slug(path);
            // Of the paths with the same slug, the one that the slug spells exactly keeps the plain name: its claim may already contain data.
            var needsHash = slug.Length is 0 or > MaxLengthInClaim || (sharing.Contains(path) && path != "/" + slug.Replace('-', '/'));
            var unique = needsHash ? $"{Last(slug, MaxLengthInClaim - 9)}-{Hash(path)}".TrimStart('-') : slug;
            var volume = unique.Length <= MaxLengthInVolume ? unique : $"{Last(slug, MaxLengthInVolume - 9)}-{Hash(path)}".TrimStart('-');
            return new VolumePlan(path, "v-" + volume, $"{spec.Name}-{unique}");
        })];
    }

    private static string Clean(DeploymentSpec spec, string path)
    {
        var segments = new List<string>();
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            if (segment != "..")
                segments.AddRange(segment == "." ? [] : [segment]);
            else if (segments.Count > 0)
                segments.RemoveAt(segments.Count - 1);
        // The API server rejects a mountPath with a colon.
        return path.StartsWith('/') && segments.Count > 0 && !path.Contains(':', StringComparison.Ordinal) ? "/" + string.Join('/', segments)
            : throw new KlException(ErrorIds.ImageDeclarationInvalid, KlErrorKind.InvalidInput, spec.Image,
                $"{spec.Image} declares the volume '{path}', which cannot be mounted: the path must be absolute, not '/', and without ':'.",
                "Correct the VOLUME in the Dockerfile and publish the image again.");
    }

    private static string Slug(string path) => NotDns().Replace(path.ToLowerInvariant(), "-").Trim('-');

    private static string Last(string slug, int length) => slug.Length <= length ? slug : slug[^length..].Trim('-');

    private static string Hash(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..8];

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotDns();
}
