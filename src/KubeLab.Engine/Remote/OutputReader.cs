using System.Globalization;
using System.Text;

namespace KubeLab.Engine.Remote;

/// <summary>Reads one output stream of a command to its end: each line told as it comes, the last of it kept.</summary>
/// <param name="isError">It is standard error.</param>
/// <param name="tell">Hears each line.</param>
/// <param name="mark">A line of its own once the login shell takes the command, then the beginning of the line that names the process group.
/// What comes before that line is not the command's. Null: no such lines.</param>
internal sealed class OutputReader(bool isError, Action<OutputLine>? tell, string? mark)
{
    /// <summary>How much is kept, in bytes.</summary>
    public const int Kept = 8 << 20;

    // A line longer than this is told in pieces; a progress bar may never end one.
    private const int LongestLine = 64 << 10;

    private readonly TaskCompletionSource _shell = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<int> _group = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<byte> _kept = [];
    private readonly List<byte> _line = [];
    private long _dropped;
    private bool _marked = mark is null;

    /// <summary>The login shell has taken the command. It never ends where it does not.</summary>
    public Task Shell => _shell.Task;

    /// <summary>The command's process group. It never ends where none is named.</summary>
    public Task<int> Group => _group.Task;

    /// <summary>Reads until the stream ends. What <c>tell</c> throws is thrown when it has.</summary>
    public void Read(Stream stream)
    {
        var buffer = new byte[64 << 10];
        Exception? refused = null;
        for (int read; (read = stream.Read(buffer)) > 0;)
            foreach (var piece in Pieces(buffer.AsMemory(0, read)))
                Take(piece.Span, ref refused);
        if (!_marked)
            Keep(_line);
        else if (_line.Count > 0)
            Tell(ref refused);
        if (refused is not null)
            throw refused;
    }

    /// <summary>What was kept, as UTF-8.</summary>
    public override string ToString()
    {
        var text = Encoding.UTF8.GetString([.. _kept]);
        return _dropped == 0 ? text : $"[{_dropped} bytes before this were not kept]\n{text}";
    }

    private static IEnumerable<ReadOnlyMemory<byte>> Pieces(ReadOnlyMemory<byte> data)
    {
        for (int end; data.Length > 0; data = data[end..])
            yield return data[..(end = data.Span.IndexOf((byte)'\n') + 1 is > 0 and var found ? found : data.Length)];
    }

    private void Take(ReadOnlySpan<byte> piece, ref Exception? refused)
    {
        _line.AddRange(piece);
        var ended = piece[^1] == '\n';
        if (!_marked)
        {
            if (ended || _line.Count > LongestLine)
                LookForMark();
            return;
        }
        Keep(piece);
        if (ended || _line.Count > LongestLine)
            Tell(ref refused);
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

    private void Tell(ref Exception? refused)
    {
        try
        {
            if (refused is null)
                tell?.Invoke(new(Encoding.UTF8.GetString([.. _line]).TrimEnd('\n', '\r'), isError));
        }
#pragma warning disable CA1031 // It is thrown when the stream has been read to its end; until then the machine must not be kept from writing.
        catch (Exception error)
#pragma warning restore CA1031
        {
            refused = error;
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
