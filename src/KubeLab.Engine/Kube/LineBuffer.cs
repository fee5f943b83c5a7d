using System.Buffers;

namespace KubeLab.Engine.Kube;

/// <summary>Lines out of bytes that come in pieces. A line ends at a line feed alone: a carriage return is a program's own affair.</summary>
internal sealed class LineBuffer
{
    private readonly ArrayBufferWriter<byte> _rest = new();

    /// <summary>The lines that these bytes complete, each good until the next is asked for.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Add(ReadOnlyMemory<byte> data)
    {
        for (int end; (end = data.Span.IndexOf((byte)'\n')) >= 0; data = data[(end + 1)..])
        {
            _rest.Write(data.Span[..end]);
            yield return _rest.WrittenMemory;
            _rest.ResetWrittenCount();
        }
        _rest.Write(data.Span);
    }

    /// <summary>A last line that no line feed ended, or null.</summary>
    public ReadOnlyMemory<byte>? End() => _rest.WrittenCount == 0 ? (ReadOnlyMemory<byte>?)null : _rest.WrittenMemory;
}
