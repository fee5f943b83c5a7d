using System.Collections.Concurrent;
using System.Reflection;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>A kind of object, as used in API paths.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">For example v1.</param>
/// <param name="Kind">For example Deployment.</param>
/// <param name="Plural">For example deployments.</param>
public sealed record KubeKind(string Group, string Version, string Kind, string Plural)
{
    private static readonly ConcurrentDictionary<Type, KubeKind> Known = new();

    /// <summary>Whether the kind is namespaced, if discovered.</summary>
    public bool? Namespaced { get; init; }

    /// <summary>For example deployment, if discovered.</summary>
    public string Singular { get; init; } = "";

    /// <summary>For example deploy, if discovered.</summary>
    public string[] ShortNames { get; init; } = [];

    /// <summary>For example all, if discovered.</summary>
    public string[] Categories { get; init; } = [];

    /// <summary>The supported verbs, if discovered.</summary>
    public string[] Verbs { get; init; } = [];

    /// <summary>For example apps/v1.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The kind of a model class of the KubernetesClient package.</summary>
    public static KubeKind Of<T>() => Known.GetOrAdd(typeof(T), static type =>
        type.GetCustomAttribute<KubernetesEntityAttribute>() is { } entity
            ? new(entity.Group ?? "", entity.ApiVersion, entity.Kind, entity.PluralName)
            : throw new ArgumentException($"{type} is not a Kubernetes entity."));

    /// <summary>The path of one object, or of all objects of a namespace or cluster, without a leading slash.</summary>
    /// <exception cref="KlException">KubeNameInvalid.</exception>
    public string Path(string? ns, string? name = null)
    {
        var root = RootOf(ApiVersion);
        var scope = ns is null ? "" : $"/namespaces/{Segment(ns)}";
        return $"{root}{scope}/{Plural}{(name is null ? "" : "/" + Segment(name))}";
    }

    /// <summary>Encodes a name as a path segment. "." and ".." would lead to another object, and a blank name to all objects.</summary>
    /// <exception cref="KlException">KubeNameInvalid.</exception>
    internal static string Segment(string name) => name is not ("" or "." or "..") && name.Trim().Length > 0
        && name.IndexOfAny(['/', '%']) < 0 && !name.Any(char.IsControl) ? Uri.EscapeDataString(name)
        : throw new KlException(ErrorIds.KubeNameInvalid, KlErrorKind.InvalidInput, name,
            $"'{name}' is not a valid name. A name must not be blank, '.' or '..', and must not contain '/', '%' or control characters.",
            "Correct the name.");

    /// <summary>The path of a group version: api/v1 or apis/apps/v1.</summary>
    internal static string RootOf(string apiVersion) => (apiVersion.Contains('/', StringComparison.Ordinal) ? "apis/" : "api/")
        + string.Join('/', apiVersion.Split('/').Select(Segment));
}
