using System.Globalization;
using System.Management.Automation;

namespace KubeLab.Pipeline.Queries;

/// <summary>Converts a number to a TimeSpan in seconds. PowerShell itself would convert it as ticks.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecondsAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var given = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return given is int or long or double || given is string text && double.TryParse(text, CultureInfo.InvariantCulture, out _)
            ? TimeSpan.FromSeconds(Convert.ToDouble(given, CultureInfo.InvariantCulture))
            : inputData;
    }
}
