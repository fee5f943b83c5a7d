using System.Globalization;
using System.Text.RegularExpressions;

namespace KubeLab;

/// <summary>The age of an object in the format of kubectl: 90s, 5m10s, 3h, 4d2h.</summary>
public sealed partial record KubeAge : IComparable<KubeAge>, IComparable
{
    private readonly TimeSpan _elapsed;

    /// <param name="elapsed">Time since creation.</param>
    public KubeAge(TimeSpan elapsed) => _elapsed = elapsed;

    /// <summary>Time since creation in seconds. A number is short in JSON.</summary>
    public double TotalSeconds => _elapsed.TotalSeconds;

    /// <summary>The age at <paramref name="now"/>, or null if the creation time is unknown.</summary>
    public static KubeAge? Since(DateTime? created, DateTimeOffset now) => created is { } time ? new(now.UtcDateTime - time.ToUniversalTime()) : null;

    /// <summary>Parses kubectl's format (5m10s) or a time span (00:05:10), so that PowerShell can compare ages with both.</summary>
    /// <exception cref="FormatException">The text has neither format.</exception>
    public static KubeAge Parse(string text)
    {
        if (Shown().Match(text) is not { Success: true } match)
            return new(TimeSpan.Parse(text, CultureInfo.InvariantCulture));
        var days = 365 * Number("y") + Number("d");
        return new(new TimeSpan(days, Number("h"), Number("m"), Number("s")));

        int Number(string unit) => match.Groups[unit] is { Success: true } number ? int.Parse(number.Value, CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>An older age is greater.</summary>
    public int CompareTo(KubeAge? other) => other is null ? 1 : _elapsed.CompareTo(other._elapsed);

    /// <inheritdoc/>
    public int CompareTo(object? obj) => CompareTo(obj as KubeAge);

    /// <summary>The format of kubectl (apimachinery util/duration, HumanDuration).</summary>
    public override string ToString()
    {
        var (seconds, minutes, hours) = ((long)_elapsed.TotalSeconds, (long)_elapsed.TotalMinutes, (long)_elapsed.TotalHours);
        return this switch
        {
            _ when seconds < -1 => "<invalid>",
            _ when seconds < 0 => "0s",
            _ when seconds < 120 => Text(seconds, 's'),
            _ when minutes < 10 => Text(minutes, 'm', seconds % 60, 's'),
            _ when minutes < 180 => Text(minutes, 'm'),
            _ when hours < 8 => Text(hours, 'h', minutes % 60, 'm'),
            _ when hours < 48 => Text(hours, 'h'),
            _ when hours < 24 * 8 => Text(hours / 24, 'd', hours % 24, 'h'),
            _ when hours < 24 * 365 * 2 => Text(hours / 24, 'd'),
            _ when hours < 24 * 365 * 8 => Text(hours / 24 / 365, 'y', hours / 24 % 365, 'd'),
            _ => Text(hours / 24 / 365, 'y'),
        };
    }

    [GeneratedRegex(@"^(?=\d)((?<y>\d+)y)?((?<d>\d+)d)?((?<h>\d+)h)?((?<m>\d+)m)?((?<s>\d+)s)?$")]
    private static partial Regex Shown();

    private static string Text(long big, char bigUnit, long small = 0, char smallUnit = ' ') =>
        string.Create(CultureInfo.InvariantCulture, $"{big}{bigUnit}")
            + (small == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{small}{smallUnit}"));

    /// <summary>Compares.</summary>
    public static bool operator <(KubeAge left, KubeAge right) => left.CompareTo(right) < 0;

    /// <summary>Compares.</summary>
    public static bool operator >(KubeAge left, KubeAge right) => left.CompareTo(right) > 0;

    /// <summary>Compares.</summary>
    public static bool operator <=(KubeAge left, KubeAge right) => left.CompareTo(right) <= 0;

    /// <summary>Compares.</summary>
    public static bool operator >=(KubeAge left, KubeAge right) => left.CompareTo(right) >= 0;
}
