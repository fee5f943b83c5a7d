using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeLab.Engine.Flow;

/// <summary>The parser for all YAML that others wrote. It ends with a <see cref="YamlException"/> before nesting overflows a stack or aliases of aliases fill the memory.</summary>
/// <param name="text">The YAML.</param>
/// <param name="firstOnly">Reads the first document alone, as kubectl reads a kubeconfig.</param>
/// <remarks>A stack overflow ends the whole process. The limits are far above what files hold that people or programs write for use.</remarks>
internal sealed class BoundedYaml(TextReader text, bool firstOnly = false) : IParser
{
    /// <summary>The longest text, in characters.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private const int MaxDepth = 200;
    private const int MaxRepeated = 100_000;

    private readonly Parser _parser = new(text);
    private readonly Dictionary<AnchorName, int> _sizes = [];
    private readonly Stack<(AnchorName Anchor, int Before)> _open = [];
    private int _nodes;
    private int _repeated;

    /// <summary>Of a text.</summary>
    public BoundedYaml(string text, bool firstOnly = false)
        : this(new StringReader(text), firstOnly)
    {
    }

    /// <summary>The event that was read last.</summary>
    public ParsingEvent? Current { get; private set; }

    /// <summary>Reads the next event.</summary>
    /// <exception cref="YamlException">It is not YAML, or beyond the limits.</exception>
    public bool MoveNext()
    {
        if (firstOnly && Current is DocumentEnd or StreamEnd)
            (Current, firstOnly) = (Current is DocumentEnd end ? new StreamEnd(end.End, end.End) : null, false);
        else if (Current is StreamEnd || !Next())
            Current = null;
        else
            Count(Current = _parser.Current!);
        return Current is not null;
    }

    private bool Next()
    {
        try
        {
            return _parser.MoveNext();
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            // So YamlDotNet's scanner answers some broken text, without a word about it.
            var at = Current?.End ?? Mark.Empty;
            throw new YamlException(at, at, "a brace or bracket is not closed, a line within it stands further left than what it belongs to, or an escape is not valid.", error);
        }
    }

    private void Count(ParsingEvent next)
    {
        if (next.End.Index > MaxLength)
            throw new YamlException(next.Start, next.End, $"the text is longer than {MaxLength / (1024 * 1024)} MiB.");
        switch (next)
        {
            case DocumentStart:
                _sizes.Clear();
                break;
            case AnchorAlias alias:
                if (_open.Any(open => open.Anchor == alias.Value))
                    throw new YamlException(alias.Start, alias.End, $"the alias *{alias.Value} stands within what it repeats.");
                var size = _sizes.GetValueOrDefault(alias.Value, 1);
                _nodes += size;
                if ((_repeated += size) > MaxRepeated)
                    throw new YamlException(alias.Start, alias.End, $"aliases repeat more than {MaxRepeated} values.");
                break;
            case SequenceStart or MappingStart:
                _open.Push((((NodeEvent)next).Anchor, _nodes++));
                if (_open.Count > MaxDepth)
                    throw new YamlException(next.Start, next.End, $"it is nested more than {MaxDepth} levels deep.");
                break;
            case SequenceEnd or MappingEnd:
                var (anchor, before) = _open.Pop();
                if (!anchor.IsEmpty)
                    _sizes[anchor] = _nodes - before;
                break;
            case Scalar scalar:
                _nodes++;
                if (!scalar.Anchor.IsEmpty)
                    _sizes[scalar.Anchor] = 1;
                break;
        }
    }
}
