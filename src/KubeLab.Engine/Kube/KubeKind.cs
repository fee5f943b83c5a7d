using System.Collections.Concurrent;
using System.Reflection;
using k8s.Models;

namespace KubeLab.Engine.Kube;

/// <summary>A kind of object as the API's paths name it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">As in v1.</param>
/// <param name="Kind">As in Deployment.</param>
/// <param name="Plural">As in deployments.</param>
public sealed record KubeKind(string Group, string Version, string Kind, string Plural)
{
    private static readonly ConcurrentDictionary<Type, KubeKind> Known = new();

    /// <summary>Whether its objects live in namespaces, where discovery said so.</summary>
    public bool? Namespaced { get; init; }

    /// <summary>As in deployment, where discovery said so.</summary>
    public string Singular { get; init; } = "";

    /// <summary>As in deploy, where discovery said so.</summary>
    public string[] ShortNames { get; init; } = [];

    /// <summary>As in all, where discovery said so.</summary>
    public string[] Categories { get; init; } = [];

    /// <summary>What can be done with it, where discovery said so.</summary>
    public string[] Verbs { get; init; } = [];

    /// <summary>As in apps/v1.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The kind of a model class of the KubernetesClient package.</summary>
    public static KubeKind Of<T>() => Known.GetOrAdd(typeof(T), static type =>
        type.GetCustomAttribute<KubernetesEntityAttribute>() is { } entity
            ? new(entity.Group ?? "", entity.ApiVersion, entity.Kind, entity.PluralName)
            : throw new ArgumentException($"{type} is not a Kubernetes entity."));

    /// <summary>The path of one object, or of all of a namespace or cluster; no leading slash.</summary>
    /// <exception cref="KlException">KubeNameInvalid.</exception>
    public string Path(string? ns, string? name = null)
    {
        var root = RootOf(ApiVersion);
        var scope = ns is null ? "" : $"/namespaces/{Segment(ns)}";
        return $"{root}{scope}/{Plural}{(name is null ? "" : "/" + Segment(name))}";
    }

    /// <summary>A name as a part of a path. "." and ".." would lead to another object, and a blank name to all of them.</summary>
    /// <exception cref="KlException">KubeNameInvalid.</exception>
    internal static string Segment(string name) => name is not ("" or "." or "..") && name.Trim().Length > 0 && name.IndexOfAny(['/', '%']) < 0 && !name.Any(char.IsControl) ? Uri.EscapeDataString(name)
        : throw new KlException(ErrorIds.KubeNameInvalid, KlErrorKind.InvalidInput, name, $"'{name}' is not a valid name: a name is not blank, '.' or '..', and has no '/', no '%' and no control characters.",
            "Correct the name.");

    /// <summary>The path of a group version: api/v1, apis/apps/v1.</summary>
    internal static string RootOf(string apiVersion) => (apiVersion.Contains('/', StringComparison.Ordinal) ? "apis/" : "api/") + string.Join('/', apiVersion.Split('/').Select(Segment));
}
