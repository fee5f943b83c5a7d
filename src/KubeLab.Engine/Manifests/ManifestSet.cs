using System.Text.Json.Nodes;
using KubeLab.Engine.Kube;

namespace KubeLab.Engine.Manifests;

/// <summary>All objects of some manifests, checked as far as that goes without a server.</summary>
internal sealed class ManifestSet
{
    private readonly List<ManifestDocument> _documents = [];

    /// <summary>What is wrong with single documents; the others are in <see cref="Classes"/>.</summary>
    public List<KlException> Errors { get; } = [];

    /// <summary>What can be applied at once, class by class in their order.</summary>
    public IEnumerable<IGrouping<int, ManifestDocument>> Classes => _documents.GroupBy(one => ManifestOrder.Of(one.Object)).OrderBy(some => some.Key);

    /// <param name="sources">The manifests; one that cannot be read at all contributes an error and nothing else.</param>
    /// <param name="ns">The namespace of what names none, or null.</param>
    public static ManifestSet Of(IEnumerable<ManifestSource> sources, string? ns)
    {
        var set = new ManifestSet();
        var checkedOnes = sources.SelectMany(set.Read).Where(one => set.IsSound(one, ns)).ToList();
        foreach (var same in checkedOnes.GroupBy(one => Identity(one.Object, ns)))
        {
            if (same.FirstOrDefault(one => !JsonNode.DeepEquals(one.Object, same.First().Object)) is { } other)
                set.Errors.Add(Invalid(Shown(other.Object), $"{same.First().Place} and {other.Place} both declare {Shown(other.Object)}, and not alike.", "Remove one of them; neither was applied."));
            else
                set._documents.Add(same.First());
        }
        return set;
    }

    /// <summary>As in ConfigMap web/settings.</summary>
    public static string Shown(JsonObject one) => new KubeObject(one) is var text && text.Namespace is { } ns ? $"{text.Kind} {ns}/{text.Name}" : $"{text.Kind} {text.Name}";

    /// <summary>Whether the set itself declares an object.</summary>
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

    private bool IsSound(ManifestDocument one, string? ns)
    {
        var text = new KubeObject(one.Object);
        var missing = text.Kind.Length == 0 ? "kind" : text.ApiVersion.Length == 0 ? "apiVersion" : text.Name.Length == 0 ? "metadata.name" : null;
        if (missing is not null)
            Errors.Add(Invalid(one.Source, $"{one.Place}: a document without {missing}, or one that is not a text.", "Add it, in quotes where it looks like a number or a boolean; the other documents are not held back."));
        else if (ns is not null && text.Namespace is { } other && other != ns)
            Errors.Add(Invalid(Shown(one.Object), $"{one.Place}: {Shown(one.Object)} names another namespace than {ns}.", "Leave out -Namespace, or the namespace in the document."));
        else
        {
            // No server takes these back.
            (one.Object["metadata"] as JsonObject)?.Remove("managedFields");
            return true;
        }
        return false;
    }

    private static (string Group, string Kind, string Namespace, string Name) Identity(JsonObject one, string? ns)
    {
        var text = new KubeObject(one);
        return (text.ApiVersion.Contains('/', StringComparison.Ordinal) ? text.ApiVersion.Split('/')[0] : "", text.Kind, text.Namespace ?? ns ?? "", text.Name);
    }

    private static KlException Invalid(string target, string message, string next) => new(ErrorIds.ManifestInvalid, KlErrorKind.InvalidInput, target, message, next);
}
