using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;

namespace KubeLab.Pipeline.Queries;

/// <summary>Converts a duration as Kubernetes and Go write it (500ms, 20s, 1m30s, 2h) or a number of seconds to a TimeSpan.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed partial class SecondsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var given = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (given is decimal)
            throw new ArgumentTransformationMetadataException("PowerShell reads '1d' as the number 1. Specify days in hours, such as 24h.");
        // PowerShell reads 90s as a number of type short.
        return given is short or int or long or double ? TimeSpan.FromSeconds(Convert.ToDouble(given, CultureInfo.InvariantCulture))
            : given is not string text ? inputData
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds)
            : Form().Match(text) is { Success: true } match ? Sum(match) : inputData;
    }

    private static TimeSpan Sum(Match match)
    {
        var sum = match.Groups["number"].Captures.Zip(match.Groups["unit"].Captures, (number, unit) => double.Parse(number.Value, CultureInfo.InvariantCulture)
            * (unit.Value switch { "ms" => 1, "s" => 1000, "m" => 60_000, _ => 3_600_000d })).Sum();
        return TimeSpan.FromMilliseconds(match.Groups["sign"].Length > 0 ? -sum : sum);
    }

    [GeneratedRegex(@"^\+?(?<sign>-?)((?<number>\d{1,9}(\.\d{1,6})?)(?<unit>ms|s|m|h))+$")]
    private static partial Regex Form();
}
