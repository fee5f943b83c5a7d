using System.Buffers;

namespace KubeLab.Engine.Kube;

/// <summary>Splits incoming bytes into lines. Only a line feed ends a line; carriage returns are kept.</summary>
internal sealed class LineBuffer
{
    private readonly ArrayBufferWriter<byte> _rest = new();

    /// <summary>The lines that these bytes complete. Each is valid until the next one is requested.</summary>
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

    /// <summary>The last line if it has no line feed, or null.</summary>
    public ReadOnlyMemory<byte>? End() => _rest.WrittenCount == 0 ? (ReadOnlyMemory<byte>?)null : _rest.WrittenMemory;
}
