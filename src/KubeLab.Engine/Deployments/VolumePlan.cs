using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Deployments;

/// <summary>A path of the container whose data outlive the pod.</summary>
/// <param name="Path">Where it is mounted: absolute, without a slash at its end.</param>
/// <param name="Volume">The volume's name in the pod: a DNS label of at most 63 characters.</param>
/// <param name="Claim">The PersistentVolumeClaim that holds the data.</param>
internal sealed partial record VolumePlan(string Path, string Volume, string Claim)
{
    // With the deployment's name (63) and the namespace (63) still a DNS subdomain of at most 253 characters.
    private const int LongestInClaim = 120;

    private const int LongestInVolume = 60;

    /// <summary>The volumes that an image declares: one for each place, whatever the spelling, each with a name of its own.</summary>
    /// <exception cref="KlException">ImageDeclarationInvalid: a path that cannot be mounted.</exception>
    public static IReadOnlyList<VolumePlan> Of(DeploymentSpec spec)
    {
        var paths = spec.Declares.Volumes.Select(path => Clean(spec, path)).Distinct(StringComparer.Ordinal).ToList();
        var sharing = paths.GroupBy(Slug).Where(group => group.Count() > 1).SelectMany(group => group).ToHashSet(StringComparer.Ordinal);
        return [.. paths.Select(path =>
        {
            var slug = Slug(path);
            // Of the paths that share a slug, the one whose name is all in it keeps the plain name: its claim may hold data already.
            var needsHash = slug.Length is 0 or > LongestInClaim || (sharing.Contains(path) && path != "/" + slug.Replace('-', '/'));
            var unique = needsHash ? $"{Last(slug, LongestInClaim - 9)}-{Hash(path)}".TrimStart('-') : slug;
            var volume = unique.Length <= LongestInVolume ? unique : $"{Last(slug, LongestInVolume - 9)}-{Hash(path)}".TrimStart('-');
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
        // The API server refuses a mountPath with a colon.
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
