using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Security;

namespace KubeLab.Pipeline.Queries;

/// <summary>Makes the values of a hashtable texts, for every parameter whose values Kubernetes keeps as text.</summary>
/// <remarks>$true is true, as YAML writes it; numbers have a decimal point in every culture; dates are ISO 8601. What has no one text (a list, a hashtable, a script block,
/// a hidden text) is refused: PowerShell would write System.Object[] and the like.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HashtableTextAttribute : ArgumentTransformationAttribute
{
    /// <summary>Lets bytes and hidden texts through as they are.</summary>
    public bool Hidden { get; set; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (Bare(inputData) is not IDictionary given)
            return inputData;
        var texts = new OrderedDictionary();
        foreach (DictionaryEntry entry in given)
        {
            var name = Text(entry.Key) ?? throw new ArgumentTransformationMetadataException($"A name has to be a text, and this one is of type {Bare(entry.Key)!.GetType().Name}.");
            var value = Bare(entry.Value);
            texts[name] = value is null || Hidden && value is byte[] or SecureString ? value
                : Text(value) ?? throw new ArgumentTransformationMetadataException(
                    $"The value of '{name}' is of type {value.GetType().Name}, which has no one text. Give a text: join a list with -join, write a structure with ConvertTo-Json.");
        }
        return texts;
    }

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static string? Text(object? value) => Bare(value) switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        DateTime or DateTimeOffset => ((IFormattable)Bare(value)!).ToString("O", CultureInfo.InvariantCulture),
        TimeSpan or Enum or char or Guid or Uri or Version or IPAddress => Convert.ToString(Bare(value), CultureInfo.InvariantCulture),
        IConvertible number => number.ToString(CultureInfo.InvariantCulture),
        System.Numerics.BigInteger large => large.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };
}
