using System.Globalization;

namespace KubeLab.Engine.Reliability;

/// <summary>Numbers and times as a person reads them.</summary>
internal static class ReportText
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>A number with thousands separators.</summary>
    public static string Count(long count) => count.ToString("N0", Invariant);

    /// <summary>A count and its noun.</summary>
    public static string Count(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>A share in percent with as many digits as its nines need. It is rounded down, so that 100 % means that nothing failed.</summary>
    public static string Percent(double share) => double.IsFinite(share) ? Percent(share, Digits(share), Math.Floor) : "unknown";

    /// <summary>A share in percent as it was specified.</summary>
    public static string Exactly(double share) => string.Create(Invariant, $"{(decimal)share * 100:0.########} %");

    /// <summary>The ends of a confidence interval, rounded outward.</summary>
    public static string Interval(double low, double high)
    {
        if (!double.IsFinite(low + high))
            return "unknown";
        var digits = Math.Max(Digits(low), high < 1 ? 1 : 0);
        return $"{Percent(low, digits, Math.Floor)} to {Percent(high, digits, Math.Ceiling)}";
    }

    /// <summary>A duration: 3.1 ms, 420 ms, 12.4 s, 2 min 5 s, 1 h.</summary>
    public static string Duration(TimeSpan duration)
    {
        if (duration.TotalMilliseconds < 999.5)
            return string.Create(Invariant, $"{Math.Round(duration.TotalMilliseconds, duration.TotalMilliseconds < 9.95 ? 1 : 0)} ms");
        if (duration.TotalSeconds < 59.95)
            return string.Create(Invariant, $"{Math.Round(duration.TotalSeconds, 1)} s");
        var whole = TimeSpan.FromSeconds(Math.Round(duration.TotalSeconds));
        var (large, unit, small, part) = whole.TotalHours < 1
            ? (whole.Minutes, "min", whole.Seconds, "s") : ((long)whole.TotalHours, "h", whole.Minutes, "min");
        return small == 0 ? $"{large} {unit}" : $"{large} {unit} {small} {part}";
    }

    /// <summary>A latency in milliseconds, or a dash.</summary>
    public static string Latency(double? milliseconds) =>
        milliseconds is >= 0 and < 1e12 ? Duration(TimeSpan.FromMilliseconds(milliseconds.Value)) : "–";

    /// <summary>A point in time after the start: 0:37, 1:02:03; with tenths if they are wanted.</summary>
    public static string Offset(TimeSpan offset, bool tenths = false)
    {
        var rounded = TimeSpan.FromSeconds(Math.Abs(Math.Round(offset.TotalSeconds, tenths ? 1 : 0)));
        var format = rounded.TotalHours < 1 ? @"m\:ss" : rounded.TotalDays < 1 ? @"h\:mm\:ss" : @"d\.hh\:mm\:ss";
        return (offset < TimeSpan.Zero ? "−" : "") + rounded.ToString(format + (tenths ? @"\.f" : ""), Invariant);
    }

    /// <summary>The date, the time and the offset from UTC.</summary>
    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm:ss zzz", Invariant);

    /// <summary>Joins words: a, b and c.</summary>
    public static string Join(IReadOnlyList<string> words) =>
        words.Count < 2 ? string.Concat(words) : $"{string.Join(", ", words.SkipLast(1))} and {words[^1]}";

    private static int Digits(double share) => share is <= 0 or >= 1 ? 0 : Math.Clamp((int)Math.Round(-Math.Log10(1 - share)) - 1, 1, 8);

    private static string Percent(double share, int digits, Func<decimal, decimal> round)
    {
        var scale = (decimal)Math.Pow(10, digits);
        var rounded = round((decimal)share * 100 * scale) / scale;
        return $"{rounded.ToString(rounded is 0 or 100 ? "0" : "0.0" + new string('#', Math.Max(digits - 1, 0)), Invariant)} %";
    }
}
