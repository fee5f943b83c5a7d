using KubeLab.Engine.Flow;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace KubeLab.Engine.Kube;

/// <summary>A kubeconfig's text, and edits that touch nothing but the entry they are about: comments, order, unknown fields and anchors of all else stay.</summary>
/// <remarks>An edit splices text at the entry's marks and is then compared, as data, with the same edit of the parsed file; where they differ
/// (a file in flow style, an entry made of aliases) the file is written anew from its data.</remarks>
internal sealed class KubeconfigText
{
    private readonly string _path;
    private readonly YamlMappingNode _root;

    private KubeconfigText(string text, string path, YamlMappingNode root) => (Text, _path, _root) = (text, path, root);

    /// <summary>As it stands in the file.</summary>
    public string Text { get; }

    /// <summary>The current context, or "".</summary>
    public string CurrentContext => (Value(_root, "current-context") as YamlScalarNode)?.Value ?? "";

    /// <exception cref="KlException">KubeconfigInvalid.</exception>
    public static KubeconfigText Parse(string text, string path)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents.Count == 0 || stream.Documents[0].RootNode is YamlScalarNode { Value: null or "" } ? new(text, path, [])
                : stream.Documents[0].RootNode is YamlMappingNode root ? new(text, path, root)
                : throw new YamlException("it is no mapping");
        }
        catch (Exception error) when (error is YamlException or InvalidOperationException)
        {
            // YamlDotNet's scanner answers some broken files with an InvalidOperationException.
            throw Invalid(path, error);
        }
    }

    public static KlException Invalid(string path, Exception error) => new("KubeconfigInvalid", KlErrorKind.InvalidInput, path,
        error is YamlException { Start.Line: > 0 } at ? $"{path}, line {at.Start.Line}, column {at.Start.Column}: {at.Message}" : $"{path}: {error.Message}",
        "Correct the file; it was left as it is.", error);

    /// <summary>The first entry of a section.</summary>
    public YamlMappingNode? First(string section) => Section(_root, section)?.Children.OfType<YamlMappingNode>().FirstOrDefault();

    /// <summary>The entry of that name.</summary>
    public YamlMappingNode? Find(string section, string name) => Find(_root, section, name);

    /// <summary>With this entry in the place of the one that has its name, or at its section's end.</summary>
    public KubeconfigText With(string section, YamlMappingNode item)
    {
        var name = ((YamlScalarNode)item.Children["name"]).Value!;
        var old = Find(section, name);
        return old is not null && old.Equals(Copy(item)) ? this : Edited(
            () => old is not null ? Replace(section, old, item) : Append(section, item),
            root =>
            {
                if (Section(root, section) is not { } items)
                    root.Children[section] = items = [];
                if (Find(root, section, name) is { } there)
                    items.Children[items.Children.IndexOf(there)] = item;
                else
                    items.Add(item);
            });
    }

    /// <summary>Without the entry of that name.</summary>
    public KubeconfigText Without(string section, string name) => Find(section, name) is not { } old ? this : Edited(
        () => Cut(old), root => Section(root, section)!.Children.Remove(Find(root, section, name)!));

    /// <summary>With this current context.</summary>
    public KubeconfigText WithCurrentContext(string name) => CurrentContext == name ? this : Edited(
        () => Key("current-context") is { } key ? Splice(Colon(key), (int)Value(_root, "current-context")!.End.Index, name.Length == 0 ? " \"\"" : " " + name)
            : Open() + $"current-context: {name}\n",
        root => root.Children["current-context"] = new YamlScalarNode(name) { Style = ScalarStyle.DoubleQuoted });

    private KubeconfigText Edited(Func<string> splice, Action<YamlMappingNode> edit)
    {
        var wanted = Parse(Text, _path)._root;
        edit(wanted);
        try
        {
            var spliced = Parse(splice(), _path);
            if (spliced._root.Equals(wanted))
                return spliced;
        }
        catch (Exception error) when (error is KlException or ArgumentException)
        {
            // Not a text that can be spliced.
        }
        return Parse(Write(wanted), _path);
    }

    private string Append(string section, YamlMappingNode item)
    {
        if (Key(section) is not { } key)
            return Open() + $"{section}:\n{Block(item, 0)}\n";
        if (Section(_root, section) is { Children.Count: > 0 } items)
        {
            var end = LineEnd(DeepEnd(items.Children[^1]));
            return Splice(end, end, "\n" + Block(item, Column(Dash(items.Children[0]))));
        }
        var empty = Value(_root, section)!;
        var colon = Colon(key);
        return Splice(colon, Text[(int)empty.Start.Index..].StartsWith('[') ? Text.IndexOf(']', (int)empty.Start.Index) + 1 : Math.Max(colon, (int)empty.End.Index), "\n" + Block(item, 0));
    }

    private string Replace(string section, YamlMappingNode old, YamlMappingNode item)
    {
        var dash = Dash(old);
        return Splice(dash, LineEnd(DeepEnd(old)), Block(item, Column(dash)).TrimStart());
    }

    private string Cut(YamlMappingNode old)
    {
        var dash = Dash(old);
        return Splice(dash - Column(dash), Math.Min(LineEnd(DeepEnd(old)) + 1, Text.Length), "");
    }

    /// <summary>The text, ready for another key at its end.</summary>
    private string Open() => (Text.Trim().Length == 0 ? "" : Text.TrimEnd() + "\n") + (_root.Children.Count == 0 ? "apiVersion: v1\nkind: Config\n" : "");

    private string Splice(int from, int to, string with) => Text[..from] + with + Text[to..];

    private int Dash(YamlNode item) => Text.LastIndexOf('-', (int)item.Start.Index);

    private int Column(int index) => index - (Text.LastIndexOf('\n', index) + 1);

    private int Colon(YamlNode key) => Text.IndexOf(':', (int)key.End.Index) + 1;

    private int LineEnd(int index)
    {
        // A block scalar ends on the line below.
        while (index > 0 && char.IsWhiteSpace(Text[index - 1]))
            index--;
        return Text.IndexOf('\n', index) is >= 0 and var end ? end : Text.Length;
    }

    private static int DeepEnd(YamlNode node) => (int)node.AllNodes.Max(n => n is YamlScalarNode ? n.End.Index : n.Start.Index);

    private YamlNode? Key(string name) => _root.Children.Keys.FirstOrDefault(k => k is YamlScalarNode { Value: { } v } && v == name);

    private static YamlNode? Value(YamlMappingNode map, string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? value : null;

    private static YamlSequenceNode? Section(YamlMappingNode root, string section) => Value(root, section) as YamlSequenceNode;

    private static YamlMappingNode? Find(YamlMappingNode root, string section, string name) =>
        Section(root, section)?.Children.OfType<YamlMappingNode>().FirstOrDefault(item => Value(item, "name") is YamlScalarNode { Value: { } v } && v == name);

    private static YamlMappingNode Copy(YamlMappingNode item) => Parse(Write(item), "entry")._root;

    private static string Block(YamlMappingNode item, int column)
    {
        var lines = Write(Copy(item)).TrimEnd().Split('\n');
        return string.Join('\n', lines.Select((line, i) => new string(' ', column) + (i == 0 ? "- " : "  ") + line));
    }

    private static string Write(YamlNode node)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(node)).Save(new Emitter(text, EmitterSettings.Default.WithBestWidth(int.MaxValue)), assignAnchors: false);
        var written = text.ToString();
        return written.EndsWith("...\n", StringComparison.Ordinal) ? written[..^4] : written;
    }
}
