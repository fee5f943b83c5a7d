using KubeLab.Engine.Flow;
using KubeLab.Engine.Flow.Web;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace KubeLab.Engine.Bootstrap.Mirrors;

/// <summary>Reads the mirror to install from: the given one, KUBELAB_MIRROR or upstream.</summary>
/// <param name="web">Reads mirror.yaml and the newest version.</param>
public sealed class MirrorReader(WebText web)
{
    private static readonly TimeSpan DownloadTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Reads a mirror.</summary>
    /// <param name="source">The URL or path of a mirror.yaml. Default: the environment variable KUBELAB_MIRROR, or else upstream.</param>
    /// <param name="version">The Kubernetes version. Default: the version of the mirror, or upstream's newest stable version.</param>
    /// <param name="stop">Cancels the operation.</param>
    /// <exception cref="KlException">MirrorUnreachable, MirrorInvalid, KubernetesVersionInvalid.</exception>
    public async Task<Mirror> ReadAsync(string? source, string? version, CancellationToken stop)
    {
        version = version?.TrimStart('v');
        if (version is { } && !(Version.TryParse(version, out var parsed) && parsed.Major == 1))
            throw new KlException(ErrorIds.KubernetesVersionInvalid, KlErrorKind.InvalidInput, version,
                $"'{version}' is not a valid Kubernetes version.", "Use a version such as 1.37 or 1.37.1.");
        source ??= Environment.GetEnvironmentVariable("KUBELAB_MIRROR") is { Length: > 0 } set ? set : null;
        if (source is null)
            return Mirror.Upstream(version ?? await NewestAsync(stop));
        var mirror = Parse(source, await TextAsync(source, stop));
        return version is null ? mirror : mirror with { Version = version };
    }

    private async Task<string> NewestAsync(CancellationToken stop)
    {
        try
        {
            var text = await web.ReadAsync("https://dl.k8s.io/release/stable.txt", DownloadTimeout, stop);
            return Version.TryParse(text.Trim().TrimStart('v'), out var newest) ? newest.ToString(2) : Mirror.NewestKnown;
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // The nodes may still reach upstream; if not, they report an error.
            return Mirror.NewestKnown;
        }
    }

    private async Task<string> TextAsync(string source, CancellationToken stop)
    {
        try
        {
            return await web.ReadAsync(source, DownloadTimeout, stop);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            var shown = WebText.DisplayName(source);
            throw new KlException(ErrorIds.MirrorUnreachable, KlErrorKind.Unreachable, shown,
                $"The mirror {shown} could not be read: {Cause.MessageOf(error)}",
                "Check that it is available, or specify another mirror with -Mirror or KUBELAB_MIRROR.", error);
        }
    }

    internal static Mirror Parse(string source, string yaml)
    {
        MirrorFile file;
        try
        {
            file = new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).IgnoreUnmatchedProperties().Build()
                .Deserialize<MirrorFile?>(new BoundedYaml(yaml)) ?? new();
        }
        catch (YamlDotNet.Core.YamlException error)
        {
            throw Invalid(source, $"line {error.Start.Line}: {error.Message}", error);
        }
        return new()
        {
            Source = source,
            Version = Required(source, "kubernetes.version", file.Kubernetes?.Version),
            Kubernetes = new(Required(source, "kubernetes.apt", file.Kubernetes?.Apt), Required(source, "kubernetes.key", file.Kubernetes?.Key)),
            Containerd = file.Containerd is { } runtime
                ? new(Required(source, "containerd.apt", runtime.Apt), Required(source, "containerd.key", runtime.Key))
                : null,
            Images = file.Images is { } images
                ? new(Required(source, "images.repository", images.Repository), Required(source, "images.url", images.Url), images.Ca?.TrimEnd())
                : null,
            PodNetwork = file.PodNetwork ?? "Calico",
        };
    }

    private static string Required(string source, string key, string? value) =>
        string.IsNullOrWhiteSpace(value) ? throw Invalid(source, $"{key} is missing") : value.Trim();

    private static KlException Invalid(string source, string what, Exception? inner = null) =>
        new(ErrorIds.MirrorInvalid, KlErrorKind.InvalidInput, source, $"{source} is not a valid mirror: {what}.", "See docs/mirror.md for the format.", inner);
}
