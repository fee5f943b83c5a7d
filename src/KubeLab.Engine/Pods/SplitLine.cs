using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeLab.Engine.Pods;

/// <summary>A long log line from an older kubelet: container runtimes store a line in pieces of 16 KiB, and the kubelet inserted a time stamp before
/// each piece.</summary>
/// <remarks>Fixed in 1.26.0, 1.25.4, 1.24.8 and 1.23.14 (kubernetes/kubernetes#113481).</remarks>
internal static partial class SplitLine
{
    private const int PieceLength = 16 * 1024;
    private const int MaxTimeLength = 35;

    /// <summary>Returns the line without the inserted time stamps; null if the line does not consist of such pieces.</summary>
    public static byte[]? Join(ReadOnlySpan<byte> line)
    {
        if (line.Length <= PieceLength)
            return null;
        var joined = new ArrayBufferWriter<byte>();
        var (before, pieces) = (DateTimeOffset.MinValue, 0);
        var rest = line;
        while (rest.Length > PieceLength || pieces == 0)
        {
            if (pieces > 0)
            {
                joined.Write(rest[..PieceLength]);
                rest = rest[PieceLength..];
            }
            // The time stamps of the pieces are in ascending order.
            if (Time(rest, out var length) is not { } time || time < before)
                return null;
            if (pieces++ == 0)
                joined.Write(rest[..length]);
            rest = rest[length..];
            before = time;
        }
        joined.Write(rest);
        return pieces > 1 ? joined.WrittenSpan.ToArray() : null;
    }

    /// <summary>Whether a kubelet of this version inserts time stamps.</summary>
    public static bool IsAffected(string kubelet) => Version().Match(kubelet) is { Success: true } match
        && int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) < int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) switch
        {
            < 23 => int.MaxValue,
            23 => 14,
            24 => 8,
            25 => 4,
            _ => 0,
        };

    private static DateTimeOffset? Time(ReadOnlySpan<byte> text, out int length)
    {
        length = text[..Math.Min(text.Length, MaxTimeLength + 1)].IndexOf((byte)' ') + 1;
        var stamp = Encoding.ASCII.GetString(text[..Math.Max(0, length - 1)]);
        return Stamp().IsMatch(stamp) && DateTimeOffset.TryParse(stamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time
            : null;
    }

    [GeneratedRegex(@"^v?1\.(\d{1,3})\.(\d{1,3})")]
    private static partial Regex Version();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)\z")]
    private static partial Regex Stamp();
}
