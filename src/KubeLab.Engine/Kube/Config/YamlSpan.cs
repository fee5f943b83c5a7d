using KubeLab.Engine.Flow;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeLab.Engine.Kube.Config;

/// <summary>The position of a node in a YAML text.</summary>
/// <param name="Event">The node's first event.</param>
/// <param name="Start">The index of its first character.</param>
/// <param name="End">The index after its last character. For an empty scalar, it equals Start.</param>
/// <param name="Children">A sequence's items; a mapping's keys and values, alternating.</param>
internal sealed record YamlSpan(ParsingEvent Event, int Start, int End, IReadOnlyList<YamlSpan> Children)
{
    /// <summary>Whether the node is in flow style.</summary>
    public bool IsFlow => Event is MappingStart { Style: MappingStyle.Flow } or SequenceStart { Style: SequenceStyle.Flow };

    /// <summary>The root of a text's first document, or null if it is empty.</summary>
    public static YamlSpan? Root(string text)
    {
        var parser = new BoundedYaml(text, firstOnly: true);
        parser.Consume<StreamStart>();
        return parser.TryConsume<DocumentStart>(out _) ? Read(parser, text) : null;
    }

    /// <summary>Finds a mapping's key and value.</summary>
    public (YamlSpan Key, YamlSpan Value)? Pair(string key)
    {
        for (var i = 0; Event is MappingStart && i < Children.Count; i += 2)
            if (Children[i].Event is Scalar { Value: { } found } && found == key)
                return (Children[i], Children[i + 1]);
        return null;
    }

    private static YamlSpan Read(IParser parser, string text)
    {
        var first = parser.Consume<ParsingEvent>();
        var (children, end) = (new List<YamlSpan>(), (int)first.End.Index);
        if (first is MappingStart or SequenceStart)
        {
            while (parser.Current is not (MappingEnd or SequenceEnd))
                children.Add(Read(parser, text));
            // The parser's mark precedes the closing brace or bracket.
            end = text.IndexOfAny(['}', ']'], (int)parser.Consume<ParsingEvent>().Start.Index) + 1;
        }
        var one = new YamlSpan(first, (int)first.Start.Index, end, children);
        // A block ends with its last item.
        return !one.IsFlow && children.Count > 0 ? one with { End = children[^1].End } : one;
    }
}
