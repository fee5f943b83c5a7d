using System.Buffers;
using System.Text;

namespace KubeLab.Engine.Kube;

/// <summary>Lines out of bytes that come in pieces. A line ends at a line feed alone: a carriage return is a program's own affair.</summary>
internal sealed class LineBuffer
{
    private readonly ArrayBufferWriter<byte> _rest = new();

    /// <summary>The lines that these bytes complete.</summary>
    public IEnumerable<string> Add(ReadOnlyMemory<byte> data)
    {
        for (int end; (end = data.Span.IndexOf((byte)'\n')) >= 0; data = data[(end + 1)..])
        {
            _rest.Write(data.Span[..end]);
            yield return Take();
        }
        _rest.Write(data.Span);
    }

    /// <summary>A last line that no line feed ended, or null.</summary>
    public string? End() => _rest.WrittenCount == 0 ? null : Take();

    private string Take()
    {
        var line = Encoding.UTF8.GetString(_rest.WrittenSpan);
        _rest.ResetWrittenCount();
        return line;
    }
}
