using System.Text.Json.Nodes;
using KubeLab.Engine.Flow;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube.Config;

/// <summary>A kubeconfig's text, and edits that touch nothing but the entry they are about: comments, order, unknown fields and anchors of all else stay.</summary>
/// <remarks>kubectl reads the first document alone. It refuses a file of another kind, and sections that are not lists.</remarks>
internal sealed partial class KubeconfigText
{
    private readonly string _path;
    private readonly YamlMappingNode _root;

    private KubeconfigText(string text, string path, YamlMappingNode root) => (Text, _path, _root) = (text, path, root);

    /// <summary>As it stands in the file.</summary>
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
        error is YamlException { Start.Line: > 0 } at ? $"{path}, line {at.Start.Line}, column {at.Start.Column}: {at.Message}" : $"{path}: {IoError.Words(error)}",
        "Correct the file; it was left as it was.", error);

    /// <summary>A section's entries that have a name, in their order.</summary>
    public IEnumerable<(string Name, YamlMappingNode Entry)> Entries(string section) =>
        _root.Items(section).OfType<YamlMappingNode>().Select(entry => (Name: entry.Text("name")!, entry)).Where(entry => entry.Name is not null);

    /// <summary>The entry of that name.</summary>
    public YamlMappingNode? Find(string section, string name) => Entries(section).FirstOrDefault(entry => entry.Name == name).Entry;

    /// <summary>What it says, aliases replaced by what they repeat.</summary>
    public JsonObject Data() => YamlText.Data(_root)!.AsObject();
}
