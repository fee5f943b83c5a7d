using System.Globalization;
using System.Management.Automation;
using System.Numerics;
using System.Text.RegularExpressions;

namespace KubeLab.Pipeline.Queries;

/// <summary>Converts a duration as Kubernetes and Go write it (500ms, 20s, 1m30s, 2h) or a number of seconds to a TimeSpan.</summary>
/// <remarks>PowerShell itself would read the number 90 as 90 ticks and the text "5" as 5 days.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed partial class SecondsAttribute : ArgumentTransformationAttribute
{
    /// <summary>The permitted values, for the help of a parameter.</summary>
    public const string Help = "A duration such as 90s, 5m, 1h30m or 500ms, a number of seconds, or a TimeSpan.";

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) => Bare(inputData) switch
    {
        // PowerShell reads 1d as the number 1 of type decimal.
        decimal days => throw Invalid($"{days}d", " Specify days in hours, such as 24h."),
        // PowerShell reads 90s as a number of type short.
        byte or sbyte or short or ushort or int or uint or long or ulong or float or double or BigInteger =>
            Seconds(Bare(inputData)),
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) => Seconds(seconds),
        string text when Form().Match(text) is { Success: true } match => Sum(match),
        string text => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var span) ? span : throw Invalid(text),
        _ => inputData,
    };

    private static object Bare(object given) => given is PSObject wrapped ? wrapped.BaseObject : given;

    private static TimeSpan Seconds(object number)
    {
        var seconds = number is BigInteger big ? (double)big : Convert.ToDouble(number, CultureInfo.InvariantCulture);
        return Math.Abs(seconds) < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : throw Invalid($"{number}");
    }

    private static TimeSpan Sum(Match match)
    {
        var sum = match.Groups["number"].Captures.Zip(match.Groups["unit"].Captures, (number, unit) => double.Parse(number.Value, CultureInfo.InvariantCulture)
            * (unit.Value switch { "ms" => 1, "s" => 1000, "m" => 60_000, _ => 3_600_000d })).Sum();
        return TimeSpan.FromMilliseconds(match.Groups["sign"].Length > 0 ? -sum : sum);
    }

    private static ArgumentTransformationMetadataException Invalid(string given, string advice = "") =>
        new($"'{given}' is not a valid duration. Specify seconds, or a duration such as 90s, 5m, 1h30m, 500ms or 00:05:00.{advice}");

    [GeneratedRegex(@"^\+?(?<sign>-?)((?<number>\d{1,9}(\.\d{1,6})?)(?<unit>ms|s|m|h))+$")]
    private static partial Regex Form();
}
