using System.Globalization;
using System.Text;

namespace KubeLab.Engine.Remote;

/// <summary>Reads one output stream of a command to its end, reports each line and keeps the end of the output.</summary>
/// <param name="isError">Whether the stream is standard error.</param>
/// <param name="report">Receives each line.</param>
/// <param name="mark">The marker that the login shell prints on a line of its own, and then at the start of the line with the process group.
/// Output before that line does not belong to the command. Null if no marker is used.</param>
internal sealed class OutputReader(bool isError, Action<OutputLine>? report, string? mark)
{
    /// <summary>The amount of output that is kept, in bytes.</summary>
    public const int Kept = 8 << 20;

    // Longer lines are reported in pieces, because a progress bar may never end its line.
    private const int MaxLineLength = 64 << 10;

    private readonly TaskCompletionSource _shell = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _group = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<byte> _kept = [];
    private readonly List<byte> _line = [];
    private long _dropped;
    private bool _marked = mark is null;

    /// <summary>Receives the output as it arrives. It is then neither kept nor reported.</summary>
    public Action<ReadOnlyMemory<byte>>? Bytes { get; init; }

    /// <summary>Completes when the login shell has accepted the command.</summary>
    public Task Shell => _shell.Task;

    /// <summary>The process group of the command. Completes when it is known.</summary>
    public Task<int> Group => _group.Task;

    /// <summary>Reads until the stream ends, then throws the first exception of <c>report</c>.</summary>
    public void Read(Stream stream)
    {
        var buffer = new byte[64 << 10];
        Exception? failure = null;
        for (int read; (read = stream.Read(buffer)) > 0;)
            for (var rest = buffer.AsMemory(0, read); rest.Length > 0;)
            {
                var line = _marked && Bytes is not null ? rest : rest[..LineLength(rest.Span)];
                if (_marked && Bytes is not null)
                    Bytes(line);
                else
                    Take(line.Span, ref failure);
                rest = rest[line.Length..];
            }
        if (!_marked)
            Keep(_line);
        else if (_line.Count > 0)
            Report(ref failure);
        if (failure is not null)
            throw failure;
    }

    /// <summary>The output that was kept, decoded as UTF-8.</summary>
    public override string ToString()
    {
        var text = Encoding.UTF8.GetString([.. _kept]);
        return _dropped == 0 ? text : $"[{_dropped} bytes before this were not kept]\n{text}";
    }

    // With the line end, if there is one.
    private static int LineLength(ReadOnlySpan<byte> data) => data.IndexOf((byte)'\n') + 1 is > 0 and var length ? length : data.Length;

    private void Take(ReadOnlySpan<byte> piece, ref Exception? failure)
    {
        _line.AddRange(piece);
        var ended = piece[^1] == '\n';
        if (!_marked)
        {
            if (ended || _line.Count > MaxLineLength)
                LookForMark();
            return;
        }
        Keep(piece);
        if (ended || _line.Count > MaxLineLength)
            Report(ref failure);
    }

    private void LookForMark()
    {
        var text = Encoding.UTF8.GetString([.. _line]).TrimEnd();
        if (text.LastIndexOf(mark + " ", StringComparison.Ordinal) is >= 0 and var at
            && int.TryParse(text.AsSpan(at + mark!.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var group))
        {
            _marked = true;
            (_kept, _dropped) = ([], 0);
            _shell.TrySetResult();
            _group.TrySetResult(group);
        }
        else if (text.EndsWith(mark!, StringComparison.Ordinal))
            _shell.TrySetResult();
        else
            Keep(_line);
        _line.Clear();
    }

    private void Report(ref Exception? failure)
    {
        try
        {
            if (failure is null)
                report?.Invoke(new(Encoding.UTF8.GetString([.. _line]).TrimEnd('\n', '\r'), isError));
        }
#pragma warning disable CA1031 // It is rethrown after the stream has ended. Until then the machine must be able to write.
        catch (Exception error)
#pragma warning restore CA1031
        {
            failure = error;
        }
        _line.Clear();
    }

    private void Keep(ReadOnlySpan<byte> piece)
    {
        _kept.AddRange(piece);
        if (_kept.Count <= 2 * Kept)
            return;
        _dropped += _kept.Count - Kept;
        _kept.RemoveRange(0, _kept.Count - Kept);
    }

    private void Keep(List<byte> line) => Keep(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(line));
}
