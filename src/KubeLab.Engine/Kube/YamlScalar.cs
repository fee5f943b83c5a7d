using System.Globalization;
using System.Numerics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeLab.Engine.Kube;

/// <summary>What a YAML scalar means to kubectl: YAML 1.1 as go-yaml v2 reads it (resolve.go), where yes is true and 0644 is octal.</summary>
internal static partial class YamlScalar
{
    /// <exception cref="YamlException">JSON has no such value.</exception>
    public static JsonValue? Resolve(Scalar scalar)
    {
        var tag = scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific ? null : scalar.Tag.Value;
        if (tag is "tag:yaml.org,2002:binary" or "!!binary")
            return JsonValue.Create(Binary(scalar));
        // A tag that says text, or quotes, and a scalar is what it says.
        return tag is "tag:yaml.org,2002:str" or "!!str" || tag is null && (scalar.Style != ScalarStyle.Plain || scalar.Tag.IsNonSpecific && scalar.Tag.Value == "!")
            ? JsonValue.Create(scalar.Value) : Plain(scalar);
    }

    private static JsonValue? Plain(Scalar scalar)
    {
        switch (scalar.Value)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return null;
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return JsonValue.Create(true);
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return JsonValue.Create(false);
            case ".nan" or ".NaN" or ".NAN" or ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF":
                throw new YamlException(scalar.Start, scalar.End, $"JSON has no {scalar.Value}; put it into quotes if it is a text.");
        }
        if (!char.IsAsciiDigit(scalar.Value[0]) && scalar.Value[0] is not ('+' or '-' or '.'))
            return JsonValue.Create(scalar.Value);
        var plain = scalar.Value.Replace("_", "", StringComparison.Ordinal);
        return Integer(plain) is { } whole ? whole
            : Float().IsMatch(plain) && double.Parse(plain, NumberStyles.Float, CultureInfo.InvariantCulture) is var real && double.IsFinite(real) ? JsonValue.Create(real)
            : JsonValue.Create(scalar.Value);
    }

    // strconv.ParseInt and ParseUint with base 0; what fits neither is a float.
    private static JsonValue? Integer(string text)
    {
        if (Whole().Match(text) is not { Success: true } match)
            return null;
        var (digits, radix) = match.Groups["hex"] is { Success: true } hex ? (hex.Value, 16)
            : match.Groups["bin"] is { Success: true } bin ? (bin.Value, 2)
            : match.Groups["oct"] is { Success: true } oct ? (oct.Value, 8)
            : (match.Groups["dec"].Value, 10);
        var value = digits.Aggregate(BigInteger.Zero, (sum, digit) => sum * radix + Convert.ToInt32(digit.ToString(), 16));
        value = text[0] == '-' ? -value : value;
        return value >= long.MinValue && value <= long.MaxValue ? JsonValue.Create((long)value)
            : value > 0 && value <= ulong.MaxValue ? JsonValue.Create((ulong)value) : null;
    }

    private static string Binary(Scalar scalar)
    {
        try
        {
            return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(scalar.Value));
        }
        catch (FormatException)
        {
            throw new YamlException(scalar.Start, scalar.End, "!!binary holds no base64.");
        }
    }

    [GeneratedRegex("^[-+]?(0[xX](?<hex>[0-9a-fA-F]{1,32})|0[bB](?<bin>[01]{1,64})|0[oO]?(?<oct>[0-7]{1,32})|(?<dec>0|[1-9][0-9]{0,40}))$", RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")]
    private static partial Regex Float();
}
