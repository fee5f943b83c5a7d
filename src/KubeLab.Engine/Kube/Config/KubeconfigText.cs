using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube.Config;

/// <summary>The text of a kubeconfig. Edits change only the affected entry; comments, order, unknown fields and other anchors are preserved.</summary>
/// <remarks>Like kubectl, it reads only the first document, and rejects files of another kind and sections that are not lists.</remarks>
internal sealed partial class KubeconfigText
{
    private readonly string _path;
    private readonly YamlMappingNode _root;

    private KubeconfigText(string text, string path, YamlMappingNode root) => (Text, _path, _root) = (text, path, root);

    /// <summary>The text of the file.</summary>
    public string Text { get; }

    /// <summary>The current context, or "".</summary>
    public string CurrentContext => _root.Text("current-context") ?? "";

    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static KubeconfigText Parse(string text, string path)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new BoundedYaml(text, firstOnly: true));
            var root = stream.Documents.Count == 0 || stream.Documents[0].RootNode.IsNull() ? []
                : stream.Documents[0].RootNode as YamlMappingNode ?? throw new YamlException("It is not a mapping.");
            if (root.Text("kind") is { } kind and not "Config" || root.Text("apiVersion") is { } version and not "v1" && (kind = version) is not null)
                throw new YamlException($"It is not a kubeconfig: its kind or apiVersion is {kind}.");
            foreach (var section in (string[])["clusters", "contexts", "users"])
                if (root.Value(section) is { } value and not YamlSequenceNode && !value.IsNull())
                    throw new YamlException(value.Start, value.End, $"{section} is not a list.");
            return new(text, path, root);
        }
        catch (YamlException error)
        {
            throw Invalid(path, error);
        }
    }

    public static KlException Invalid(string path, Exception error) => new(ErrorIds.KubeconfigInvalid, KlErrorKind.InvalidInput, path,
        error is YamlException { Start.Line: > 0 } at ? $"{path}, line {at.Start.Line}, column {at.Start.Column}: {at.Message}"
        : $"{path}: {IoError.Describe(error)}",
        "Correct the file. It was not changed.", error);

    /// <summary>A section's named entries, in order.</summary>
    public IEnumerable<(string Name, YamlMappingNode Entry)> Entries(string section) =>
        _root.Items(section).OfType<YamlMappingNode>().Select(entry => (Name: entry.Text("name")!, entry)).Where(entry => entry.Name is not null);

    /// <summary>Finds the entry with a name.</summary>
    public YamlMappingNode? Find(string section, string name) => Entries(section).FirstOrDefault(entry => entry.Name == name).Entry;

    /// <summary>The data, with aliases resolved.</summary>
    public JsonObject Data() => YamlText.Data(_root)!.AsObject();
}
