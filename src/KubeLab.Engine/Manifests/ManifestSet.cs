using System.Text.Json.Nodes;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Manifests;

/// <summary>All objects of some manifests, validated as far as possible without a server.</summary>
internal sealed class ManifestSet
{
    private readonly List<ManifestDocument> _documents = [];

    /// <summary>The errors in single documents. The other documents are in <see cref="Classes"/>.</summary>
    public List<KlException> Errors { get; } = [];

    /// <summary>The documents by class, in order. Those of one class can be applied at the same time.</summary>
    public IEnumerable<IGrouping<int, ManifestDocument>> Classes => _documents.GroupBy(one => ManifestOrder.Of(one.Object)).OrderBy(some => some.Key);

    /// <param name="sources">The manifests. One that cannot be parsed adds only an error.</param>
    /// <param name="ns">The namespace of objects without one, or null.</param>
    public static ManifestSet Of(IEnumerable<ManifestSource> sources, string? ns)
    {
        var set = new ManifestSet();
        var valid = new List<ManifestDocument>();
        foreach (var one in sources.SelectMany(set.Read))
            if (Flaw(one, ns) is { } flaw)
                set.Errors.Add(flaw);
            else
            {
                // Servers reject this field.
                (one.Object["metadata"] as JsonObject)?.Remove("managedFields");
                valid.Add(one);
            }
        foreach (var same in valid.GroupBy(one => Identity(one.Object, ns)))
        {
            if (same.FirstOrDefault(one => !JsonNode.DeepEquals(one.Object, same.First().Object)) is { } other)
                set.Errors.Add(Invalid(DisplayName(other.Object), $"{same.First().Place} and {other.Place} declare {DisplayName(other.Object)} differently.",
                    "Remove one of them. Neither was applied."));
            else
                set._documents.Add(same.First());
        }
        return set;
    }

    /// <summary>For example ConfigMap web/settings.</summary>
    public static string DisplayName(JsonObject one) => new KubeObject(one) is var text && text.Namespace is { } ns
        ? $"{text.Kind} {ns}/{text.Name}" : $"{text.Kind} {text.Name}";

    /// <summary>Whether the set itself contains an object.</summary>
    public bool Declares(string kind, Func<JsonObject, bool> which) => _documents.Exists(one => new KubeObject(one.Object).Kind == kind && which(one.Object));

    private IReadOnlyList<ManifestDocument> Read(ManifestSource source)
    {
        try
        {
            return ManifestText.Read(source.Name, source.Text);
        }
        catch (KlException error)
        {
            Errors.Add(error);
            return [];
        }
    }

    /// <summary>The error of a document, or null.</summary>
    private static KlException? Flaw(ManifestDocument one, string? ns)
    {
        var text = new KubeObject(one.Object);
        var missing = text.Kind.Length == 0 ? "kind" : text.ApiVersion.Length == 0 ? "apiVersion" : text.Name.Length == 0 ? "metadata.name" : null;
        return missing is not null ? Invalid(one.Source, $"{one.Place}: the document has no {missing}, or its value is not a string.",
                "Add it, in quotes if it looks like a number or a boolean. The other documents are not affected.")
            : ns is not null && text.Namespace is { } other && other != ns ? Invalid(
                DisplayName(one.Object), $"{one.Place}: {DisplayName(one.Object)} has a namespace other than {ns}.",
                "Omit -Namespace, or the namespace in the document.")
            : null;
    }

    private static (string Group, string Kind, string Namespace, string Name) Identity(JsonObject one, string? ns)
    {
        var text = new KubeObject(one);
        return (text.ApiVersion.Contains('/', StringComparison.Ordinal) ? text.ApiVersion.Split('/')[0] : "", text.Kind,
            text.Namespace ?? ns ?? "", text.Name);
    }

    private static KlException Invalid(string target, string message, string next) =>
        new(ErrorIds.ManifestInvalid, KlErrorKind.InvalidInput, target, message, next);
}
