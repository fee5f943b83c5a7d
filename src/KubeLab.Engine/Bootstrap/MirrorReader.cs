using KubeLab.Engine.Flow;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace KubeLab.Engine.Bootstrap;

/// <summary>Finds the mirror to install from: what is asked for, or KUBELAB_MIRROR, or upstream.</summary>
/// <param name="http">Fetches mirror.yaml and the newest version.</param>
public sealed class MirrorReader(HttpClient http)
{
    /// <summary>With the process's own HTTP client.</summary>
    public static MirrorReader Shared { get; } = new(Http.Shared);

    private const int Most = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Reads a mirror.</summary>
    /// <param name="source">A URL or path of a mirror.yaml, or null: the environment's KUBELAB_MIRROR, or upstream.</param>
    /// <param name="version">The Kubernetes version asked for, or null: the mirror's own, or upstream's newest stable.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="KlException">MirrorUnreachable; MirrorInvalid, which says what is missing; KubernetesVersionInvalid.</exception>
    public async Task<Mirror> ReadAsync(string? source, string? version, CancellationToken stop)
    {
        version = version?.TrimStart('v');
        if (version is { } && !(Version.TryParse(version, out var parsed) && parsed.Major == 1))
            throw new KlException(ErrorIds.KubernetesVersionInvalid, KlErrorKind.InvalidInput, version,
                $"'{version}' is not a Kubernetes version.", "Give a version such as 1.37 or 1.37.1.");
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
            var text = await GetAsync(new Uri("https://dl.k8s.io/release/stable.txt"), stop);
            return Version.TryParse(text.Trim().TrimStart('v'), out var newest) ? newest.ToString(2) : Mirror.NewestKnown;
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // The nodes may reach what we do not; what they cannot reach they name.
            return Mirror.NewestKnown;
        }
    }

    private async Task<string> TextAsync(string source, CancellationToken stop)
    {
        try
        {
            return Uri.TryCreate(source, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                ? await GetAsync(uri, stop)
                : await BoundedText.OfFileAsync(source, Most, stop);
        }
        catch (Exception error) when (error is HttpRequestException or IOException or UnauthorizedAccessException)
        {
            throw new KlException(ErrorIds.MirrorUnreachable, KlErrorKind.Unreachable, source, $"The mirror {source} cannot be read: {Cause.Said(error)}",
                "Check that it is up, or name another with -Mirror or KUBELAB_MIRROR.", error);
        }
    }

    private async Task<string> GetAsync(Uri uri, CancellationToken stop)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stop);
        patience.CancelAfter(Patience);
        try
        {
            await using var body = await http.GetStreamAsync(uri, patience.Token);
            return await BoundedText.OfAsync(body, Most, patience.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new HttpRequestException($"no answer in {Patience.TotalSeconds:0} s");
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
        new(ErrorIds.MirrorInvalid, KlErrorKind.InvalidInput, source, $"{source} is not a valid mirror: {what}.", "See docs/mirror.md for what it must hold.", inner);
}
