using System.Text.Json.Nodes;
using YamlDotNet.Core.Events;

namespace KubeLab.Engine.Kube.Config;

/// <summary>The edits of a kubeconfig.</summary>
/// <remarks>An edit replaces only the text of the entry. The result is parsed and compared with the same edit of the data. If they differ
/// (for example, if an entry or section is an alias), the file is generated from its data.</remarks>
internal sealed partial class KubeconfigText
{
    /// <summary>Replaces the entry with the same name, or appends the entry to its section.</summary>
    public KubeconfigText With(string section, JsonObject entry)
    {
        var at = IndexOf(section, (string)entry["name"]!);
        return Edited(root => at < 0 ? Append(root, section, entry) : Replace(Items(root, section)!, at, entry), data =>
        {
            if (data[section] is not JsonArray items)
                data[section] = items = [];
            if (at < 0)
                items.Add(entry.DeepClone());
            else
                items[at] = entry.DeepClone();
        });
    }

    /// <summary>Removes the entry with a name.</summary>
    public KubeconfigText Without(string section, string name)
    {
        var text = this;
        while (text.IndexOf(section, name) is >= 0 and var at && text is { } one)
            text = one.Edited(root => one.Cut(root!, section, at), data => data[section]!.AsArray().RemoveAt(at));
        return text;
    }

    /// <summary>Sets the current context.</summary>
    public KubeconfigText WithCurrentContext(string name) => Edited(
        root => root?.Pair("current-context") is not { } there ? AddKey(root, "current-context", name)
            : there.Value.Start < there.Value.End ? Splice(there.Value.Start, there.Value.End, Value(root, name))
            : Splice(Colon(there.Key), Colon(there.Key), " " + Value(root, name)),
        data =>
        {
            if (name.Length > 0 || CurrentContext.Length > 0)
                data["current-context"] = name;
        });

    private KubeconfigText Edited(Func<YamlSpan?, string> splice, Action<JsonObject> edit)
    {
        var (data, wanted) = (Data(), Data());
        edit(wanted);
        if (JsonNode.DeepEquals(data, wanted))
            return this;
        if (data.Count == 0)
        {
            wanted.Insert(0, "apiVersion", "v1");
            wanted.Insert(1, "kind", "Config");
        }
        try
        {
            var spliced = Parse(splice(YamlSpan.Root(Text)), _path);
            if (JsonNode.DeepEquals(spliced.Data(), wanted))
                return spliced;
        }
        catch (Exception error) when (error is KlException or ArgumentException)
        {
            // The text cannot be edited in place.
        }
        return Parse(YamlText.Block(wanted) + "\n", _path);
    }

    private string Append(YamlSpan? root, string section, JsonObject entry)
    {
        if (root?.Pair(section) is not { } there)
            return AddKey(root, section, new JsonArray(entry.DeepClone()));
        var value = there.Value;
        if (value.Event is SequenceStart && value.Children.Count > 0)
            return value.IsFlow ? InsertFlow(value.Children[^1].Start, value.End, value.Children[^1].End, YamlText.Flow(entry))
                : Splice(LineEnd(value.End), LineEnd(value.End), "\n" + Item(entry, Column(Dash(value.Children[0]))));
        return root.IsFlow ? Splice(value.Start, value.End, $"[{YamlText.Flow(entry)}]")
            : Splice(Colon(there.Key), Math.Max(Colon(there.Key), value.End), "\n" + Item(entry, Column(there.Key.Start)));
    }

    private string Replace(YamlSpan items, int at, JsonObject entry)
    {
        var old = items.Children[at];
        return items.IsFlow ? Splice(old.Start, old.End, YamlText.Flow(entry))
            : Splice(Dash(old), LineEnd(old.End), Item(entry, Column(Dash(old))).TrimStart());
    }

    private string Cut(YamlSpan root, string section, int at)
    {
        var (items, key) = (Items(root, section)!, root.Pair(section)!.Value.Key);
        var (old, last) = (items.Children[at], items.Children.Count - 1);
        if (items.IsFlow)
            return at < last ? Splice(old.Start, items.Children[at + 1].Start, "") : Splice(at > 0 ? items.Children[at - 1].End : old.Start, old.End, "");
        if (last == 0)
            return Splice(Colon(key), LineEnd(old.End), " []");
        var line = Dash(old) - Column(Dash(old));
        return Splice(line, Text.IndexOf('\n', LineEnd(old.End)) is >= 0 and var end ? end + 1 : Text.Length, "");
    }

    private string AddKey(YamlSpan? root, string key, JsonNode value)
    {
        var added = new JsonObject();
        if (root is not { Event: MappingStart, Children.Count: > 0 })
            (added["apiVersion"], added["kind"]) = ("v1", "Config");
        added[key] = value;
        if (root is { IsFlow: true, Children: [.., var lastKey, var last] })
            return InsertFlow(lastKey.Start, root.End, last.End, YamlText.Flow(added)[1..^1]);
        if (root is { IsFlow: true } or { Event: Scalar } && root.Start < root.End)
            return Splice(root.Start, root.End, root.IsFlow ? YamlText.Flow(added) : YamlText.Block(added));
        if (root is { Event: MappingStart })
        {
            var end = LineEnd(root.End);
            return Splice(end, end, "\n" + YamlText.Block(added, Column(root.Children[0].Start)) + (end == Text.Length ? "\n" : ""));
        }
        return Splice(Text.TrimEnd().Length, Text.Length, (Text.Trim().Length == 0 ? "" : "\n") + YamlText.Block(added) + "\n");
    }

    // After the last item; on a line of its own if the last item has one.
    private string InsertFlow(int last, int closed, int end, string text)
    {
        var blank = last;
        while (blank > 0 && char.IsWhiteSpace(Text[blank - 1]))
            blank--;
        return closed < end ? throw new ArgumentException("The collection is not closed.")
            : Splice(end, end, "," + (blank < last ? Text[blank..last].ReplaceLineEndings("\n") : " ") + text);
    }

    private static string Value(YamlSpan? root, string text) => root is { IsFlow: true } || text.Length == 0 ? YamlText.Flow(text) : YamlText.Scalar(text);

    private static string Item(JsonObject entry, int column) => YamlText.Block(new JsonArray(entry.DeepClone()), column);

    private static YamlSpan? Items(YamlSpan? root, string section) => root?.Pair(section)?.Value;

    private int IndexOf(string section, string name) =>
        _root.Items(section).ToList().FindIndex(entry => (entry as YamlDotNet.RepresentationModel.YamlMappingNode)?.Text("name") == name);

    private string Splice(int from, int to, string with) => Text[..from]
        + (Text.Contains("\r\n", StringComparison.Ordinal) ? with.ReplaceLineEndings("\r\n") : with) + Text[to..];

    private int Dash(YamlSpan item) => Text.LastIndexOf('-', item.Start);

    private int Column(int index) => index - (Text.LastIndexOf('\n', index) + 1);

    private int Colon(YamlSpan key) => Text.IndexOf(':', key.End) + 1;

    private int LineEnd(int index)
    {
        // A block scalar ends on the next line.
        while (index > 0 && char.IsWhiteSpace(Text[index - 1]))
            index--;
        return Text.IndexOf('\n', index) is >= 0 and var end ? end > 0 && Text[end - 1] == '\r' ? end - 1 : end : Text.Length;
    }
}
