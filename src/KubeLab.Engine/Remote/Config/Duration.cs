using System.Globalization;

namespace KubeLab.Engine.Remote.Config;

/// <summary>Parses the time format of sshd_config(5), section TIME FORMATS: 90, 1m30s, 2h.</summary>
internal static class Duration
{
    /// <summary>The time, or null if the text is not valid.</summary>
    public static TimeSpan? Parse(string text)
    {
        var (total, digits) = (0L, "");
        foreach (var c in text + (text is [.., >= '0' and <= '9'] ? "s" : ""))
        {
            var unit = char.ToLowerInvariant(c) switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86400, 'w' => 604800, _ => 0 };
            if (char.IsAsciiDigit(c))
                digits += c;
            else if (unit == 0 || !int.TryParse(digits, CultureInfo.InvariantCulture, out var number))
                return null;
            else
                (total, digits) = (total + ((long)number * unit), "");
        }
        return text is "" || total > int.MaxValue ? null : TimeSpan.FromSeconds(total);
    }
}
