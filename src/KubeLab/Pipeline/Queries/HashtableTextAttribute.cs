using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using System.Security;

namespace KubeLab.Pipeline.Queries;

/// <summary>Converts the values of a hashtable to strings, for parameters whose values Kubernetes stores as strings.</summary>
/// <remarks>$true becomes true, as in YAML; numbers use the invariant culture; dates use ISO 8601. Values without a unique string form (lists, hashtables,
/// script blocks, secure strings) are rejected: PowerShell would convert them to System.Object[] or similar.</remarks>
[AttributeUsage(AttributeTargets.Property)]
public sealed class HashtableTextAttribute : ArgumentTransformationAttribute
{
    /// <summary>Accepts bytes and secure strings unchanged.</summary>
    public bool Hidden { get; set; }

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (Bare(inputData) is not IDictionary given)
            return inputData;
        var texts = new OrderedDictionary();
        foreach (DictionaryEntry entry in given)
        {
            var name = Text(entry.Key)
                ?? throw new ArgumentTransformationMetadataException($"A name must be a string, but this one has the type {Bare(entry.Key)!.GetType().Name}.");
            var value = Bare(entry.Value);
            texts[name] = value is null || Hidden && value is byte[] or SecureString ? value
                : Text(value) ?? throw new ArgumentTransformationMetadataException(
                    $"The value of '{name}' has the type {value.GetType().Name}, which has no unique string form."
                    + " Convert it to a string, for example with -join or ConvertTo-Json.");
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
