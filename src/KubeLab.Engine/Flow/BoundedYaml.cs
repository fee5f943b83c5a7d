using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeLab.Engine.Flow;

/// <summary>A parser for untrusted YAML. Throws a <see cref="YamlException"/> before nesting overflows the stack or nested aliases fill the memory.</summary>
/// <param name="text">The YAML.</param>
/// <param name="firstOnly">Reads only the first document, as kubectl does with a kubeconfig.</param>
/// <remarks>A stack overflow would end the process. The limits are far above what real files need.</remarks>
internal sealed class BoundedYaml(TextReader text, bool firstOnly = false) : IParser
{
    /// <summary>The maximum length of the text in characters.</summary>
    public const int MaxLength = 16 * 1024 * 1024;

    private const int MaxDepth = 200;
    private const int MaxRepeated = 100_000;

    private readonly Parser _parser = new(text);
    private readonly Dictionary<AnchorName, int> _sizes = [];
    private readonly Stack<(AnchorName Anchor, int Before)> _open = [];
    private int _nodes;
    private int _repeated;

    /// <summary>Creates a parser for a string.</summary>
    public BoundedYaml(string text, bool firstOnly = false)
        : this(new StringReader(text), firstOnly)
    {
    }

    /// <summary>The last event that was read.</summary>
    public ParsingEvent? Current { get; private set; }

    /// <summary>Reads the next event.</summary>
    /// <exception cref="YamlException">The text is not valid YAML or exceeds a limit.</exception>
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
            // YamlDotNet's scanner throws these for some invalid text, without a useful message.
            var at = Current?.End ?? Mark.Empty;
            throw new YamlException(
                at, at, "a brace or bracket is not closed, a line inside it is indented too little, or an escape sequence is not valid.", error);
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
                    throw new YamlException(alias.Start, alias.End, $"the alias *{alias.Value} refers to a value that contains it.");
                var size = _sizes.GetValueOrDefault(alias.Value, 1);
                _nodes += size;
                if ((_repeated += size) > MaxRepeated)
                    throw new YamlException(alias.Start, alias.End, $"aliases repeat more than {MaxRepeated} values.");
                break;
            case SequenceStart or MappingStart:
                _open.Push((((NodeEvent)next).Anchor, _nodes++));
                if (_open.Count > MaxDepth)
                    throw new YamlException(next.Start, next.End, $"the nesting is deeper than {MaxDepth} levels.");
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
